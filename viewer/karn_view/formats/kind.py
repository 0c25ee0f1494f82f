"""What a record is: a measurement, an event, a configuration. Pure."""

import re
from functools import lru_cache

from karn_view.formats import words
from karn_view.formats.head import Head, label
from karn_view.formats.namespace import Found
from karn_view.formats.rows import Kind
from karn_view.formats.shape import Shape, is_bookkeeping
from karn_view.record import Record

_LIFECYCLE = words.names(
    "start started starting begin end ended finish finished done complete completed config "
    "hparam hparams hyperparameters alert checkpoint exit exiting resume resumed init"
)
_SPAN = re.compile(r"_(?:start|end|begin)$")
_CONFIG_WORDS = words.names("config hparam hparams hyperparameters args params settings meta")


@lru_cache(maxsize=4096)
def _word_kind(label: str) -> str:
    parts = set(re.split(r"[^a-z]+", label.lower()))
    if parts & _CONFIG_WORDS:
        return "config"
    if _SPAN.search(label.lower()):
        return "span"
    return "lifecycle" if parts & _LIFECYCLE else ""


def kind_of(head: Head, shape: Shape, record: Record, found: Found) -> Kind:
    """What the record is; the first rule that fits."""
    has_step = _has_step(head, shape, record, found)
    word = _word_kind(label(head, record)) if head.labels and not head.has_metrics else ""
    if word and not has_step:
        return "config" if word == "config" else "event"
    if word == "span" and found.measured <= _span_values(record):
        return "event"
    if found.measured and not (head.is_settings and not has_step):
        return "summary" if head.is_summary else "metric"
    return _unmeasured(head, shape, record, has_step, bool(found.measured))


def _has_step(head: Head, shape: Shape, record: Record, found: Found) -> bool:
    """Whether it says where it stands; "epochs" among settings is a plan, not a place."""
    if head.is_settings and "epoch" not in record:
        return False
    if _is_placed(shape):
        return True
    return any(step.depth == 0 and not step.is_guess for step, _ in found.steps)


def _is_placed(shape: Shape) -> bool:
    """Whether the record itself holds a position that is known to be one."""
    return any(not step.is_guess for _, step in shape.steps)


def _span_values(record: Record) -> int:
    """How many of a span's numbers are about the span: its value and durations."""
    return sum(
        type(value) in (int, float)
        and not is_bookkeeping(key)
        and (key == "value" or key.endswith(("_ms", "_s", "_us")) or words.is_duration_name(key))
        for key, value in record.items()
    )


def _unmeasured(
    head: Head, shape: Shape, record: Record, has_step: bool, is_settings: bool
) -> Kind:
    if head.messages or label(head, record):
        return "event"
    if has_step:
        return "event" if _is_placed(shape) else "text"
    return "config" if shape.configs or is_settings or _is_meta(record) else "text"


def _is_meta(record: Record) -> bool:
    """Whether it describes the run in words: versions, names, a seed."""
    return any(type(value) in (str, bool) for value in record.values())
