"""The words in a record: labels, levels, messages, names of runs. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from karn_view.formats import words
from karn_view.formats.clock import is_clock_name
from karn_view.formats.shape import Shape, is_bookkeeping
from karn_view.record import Record

_RUN_BEGINS = re.compile(
    r"(?:run|train|training|experiment|job)[_\- ]?(?:start|begin|init)\w*", re.I
)
_SUMMARY_NAMES = frozenset({"train_runtime", "total_flos", "train_total_flos"})
_SUMMARY_FOLDERS = ("final/", "summary/", "best/", "final_", "best_")
_LONGEST_TYPE = 80
_DATA_LABELS = frozenset({"split", "subset", "dataset"})
_WRITERS = (*words.RANKS, *words.PARTIES)
_NUMBERED = re.compile(r"[a-zA-Z]+[_\-]?(\d{1,2})")


@dataclass(slots=True, eq=False, frozen=True)
class Head:
    """Which keys of a shape hold words that matter, and what the names alone say."""

    labels: tuple[str, ...]
    splits: tuple[str, ...]
    contexts: tuple[tuple[str, str], ...]
    level: str | None
    messages: tuple[str, ...]
    runs: tuple[str, ...]
    rank: str | None
    long_names: tuple[str, ...]
    long_parts: tuple[str, ...]
    long_value: str
    has_metrics: bool
    has_mode: bool
    names_split: str
    is_summary: bool
    is_settings: bool


@lru_cache(maxsize=4096)
def decisive(head: Head) -> tuple[str, ...]:
    """The keys whose words decide what a record of the shape means."""
    keys = (*head.labels, *head.splits, *head.runs, head.level, head.rank)
    long = (*head.long_names, *head.long_parts) if head.long_value else ()
    return tuple(dict.fromkeys(key for key in (*keys, *long) if key))


def head_of(record: Record, shape: Shape) -> Head:
    """Finds the words of a shape in its first record."""
    texts = [key for key, value in record.items() if type(value) is str]
    return Head(
        labels=tuple(key for key in words.LABELS if key in texts),
        splits=tuple(key for key in words.SPLIT_LABELS if key in texts),
        contexts=tuple(
            (outer, key)
            for outer in words.CONTEXTS
            if type(held := record.get(outer)) is dict
            for key in words.SPLIT_LABELS
            if type(held.get(key)) is str
        ),
        level=next((key for key in words.LEVELS if type(record.get(key)) in (str, int)), None),
        messages=tuple(key for key in words.MESSAGES if key in texts),
        runs=tuple(key for key in words.RUN_IDS if _is_run(key, record)),
        rank=next((key for key in _WRITERS if type(record.get(key)) in (str, int)), None),
        **_long(record, shape),
        has_metrics=type(record.get("metrics")) is dict and "kind" in texts,
        has_mode="mode" in texts,
        names_split=_common_split(shape),
        is_summary=_is_summary(shape),
        is_settings=_is_settings(record, shape),
    )


def _is_run(key: str, record: Record) -> bool:
    """Whether it names the run; a trial with a number of its own is a record of its study."""
    is_numbered = key == "trial_id" and type(record.get("number")) is int
    return type(record.get(key)) in (str, int) and not is_numbered


def _long(record: Record, shape: Shape) -> dict[str, Any]:
    """The keys of a record that holds one metric by its name, if it is one."""
    texts = {key: value for key, value in record.items() if type(value) is str}
    names = words.named(texts, words.LONG_NAMES)
    if "levelname" in record and "name" in names:
        names.remove("name")  # of the logger, as Python's logging has it
    plain = {key: value for key, value in record.items() if type(value) in (int, float, str)}
    values = words.named(plain, words.LONG_VALUES)
    others = [name for name in _measured_names(shape) if name not in values]
    if not values or any(map(words.is_result, others)):
        return {"long_names": (), "long_parts": (), "long_value": ""}
    parts = tuple(words.named(texts, words.LONG_PARTS))
    return {"long_names": tuple(names), "long_parts": parts, "long_value": values[0]}


def _measured_names(shape: Shape) -> list[str]:
    positions = {index for index, _ in shape.steps}
    return [name for index, name in enumerate(shape.names) if index not in positions]


def _common_split(shape: Shape) -> str:
    """The split that all measured names wear, or ""."""
    found = {words.worn_split(name) for name in _measured_names(shape)}
    return found.pop() if len(found) == 1 else ""


def _is_summary(shape: Shape) -> bool:
    names = _measured_names(shape)
    if not names:
        return False
    return not _SUMMARY_NAMES.isdisjoint(names) or all(
        n.startswith(_SUMMARY_FOLDERS) for n in names
    )


def _is_settings(record: Record, shape: Shape) -> bool:
    """Whether these look like the settings of a run rather than something it measured."""
    if any(name.letter != "E" and not name.is_guess for _, name in shape.steps):
        return False
    known = sum(words.plain(key) in words.SETTINGS for key in record)
    return known * 2 >= len(record) > 0 and not any(words.is_result(name) for name in shape.names)


def label(head: Head, record: Record) -> str:
    """The record's own word for what it is; "" for none."""
    for key in head.labels:
        if type(record[key]) is str and record[key]:
            return str(record[key])[:_LONGEST_TYPE]
    return ""


def split(head: Head, record: Record) -> str:
    """The data it speaks of by a label: "train", "val", "eval", "test" or ""."""
    for key in head.splits:
        if found := words.split_of(record[key]):
            return found
    for outer, key in head.contexts:
        if found := words.split_of(str(record[outer].get(key, ""))):
            return found
    return ""


def split_number(head: Head, record: Record) -> str:
    """Which of several sets of such data: "1" of "valid_1"; "" when it does not say."""
    for key in head.splits:
        if key in _DATA_LABELS and (match := _NUMBERED.fullmatch(record[key])):
            return match[1] if words.split_of(record[key]) else ""
    return ""


def severity(head: Head, record: Record) -> str:
    """How grave it is; "" when it does not say."""
    level: Any = record[head.level] if head.level else ""
    # Bunyan's and pino's numbers stand one step above Python's: 30 is information.
    # https://github.com/pinojs/pino/blob/main/docs/api.md, "logger.levels"
    is_above = type(level) is int and "msg" in record and "hostname" in record
    return words.severity_of(level - 10 if is_above else level)


def long_name(head: Head, record: Record) -> str:
    """The metric whose `value` it holds; "" when it is no such record."""
    name = next((str(record[key]) for key in head.long_names if record[key]), "")
    return "/".join(filter(None, (name, *(record[key] for key in head.long_parts)))) if name else ""


def rank_of(head: Head, record: Record) -> str:
    """Which of several equal writers wrote it: "rank3", "client=a"; "" when it does not say."""
    if head.rank is None:
        return ""
    is_numbered = head.rank.endswith(("rank", "index"))
    sign = "rank" if is_numbered else f"{head.rank.removesuffix('_id')}="
    return f"{sign}{record[head.rank]}"[:_LONGEST_TYPE]


def run_of(head: Head, record: Record) -> str | None:
    """Which run it says it belongs to."""
    return next((str(record[key]) for key in head.runs), None)


@lru_cache(maxsize=4096)
def begins_run(label: str) -> bool:
    """Whether an event of this name is the first of a run."""
    return _RUN_BEGINS.fullmatch(label) is not None


@lru_cache(maxsize=4096)
def begins(label: str) -> bool:
    """Whether an event of this name stands at a beginning, where settings are told."""
    return label.lower().startswith(("start", "begin", "init")) or begins_run(label)


def about(record: Record, head: Head) -> dict[str, Any]:
    """The plain settings in a record about a run."""
    words_of_log = {head.level, *head.labels, *head.messages, *head.runs}
    return {
        key: value
        for key, value in record.items()
        if type(value) in (int, float, str, bool)
        and key not in words_of_log
        and not is_bookkeeping(key)
        and not is_clock_name(key)
    }
