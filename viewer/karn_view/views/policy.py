"""The health of the policy after its last update. Pure."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import Data, flag, items, mapping, number, text
from karn_view.formats.karn.vocabulary import OPERATIONS
from karn_view.views.readings import Readings
from karn_view.views.words import COLLAPSED, Word, entropy_word, kl_word, value_variance_word

FIGURES = tuple(
    """
    batch ppo_updates_count lr policy_loss value_loss entropy_loss entropy_coef
    clip_fraction clip_fraction_positive clip_fraction_negative
    ratio_mean ratio_min ratio_max ratio_std joint_ratio_max
    explained_variance value_nrmse value_mean value_std value_min value_max
    v_return_correlation td_error_mean td_error_std bellman_error
    return_p10 return_p50 return_p90 return_mean return_std
    advantage_mean advantage_std advantage_positive_ratio decision_density
    grad_norm pre_clip_grad_norm nan_grad_count inf_grad_count dead_layers exploding_layers
    update_time_ms dataloader_wait_ratio cuda_memory_allocated_gb cuda_memory_peak_gb
    """.split()  # noqa: SIM905  one line a theme reads better than forty lines
)
"""The numbers of an update that the panel shows, as they are named in its event."""

HEADS = ("op", "slot", "blueprint", "style", "tempo", "alpha_target", "alpha_speed", "alpha_curve")

_FLAGS = (
    "entropy_collapsed",
    "update_skipped",
    "amp_overflow_detected",
    "lstm_has_nan",
    "lstm_has_inf",
)
_OF_A_HEAD = ("entropy", "grad_norm", "ratio_max", "clip_fraction", "learnable_fraction")

T = TypeVar("T")


class Policy(msgspec.Struct):
    """The figures of the newest update; none is carried over from an older one."""

    offset: int | None = None
    figures: dict[str, float] = {}
    flags: dict[str, bool] = {}
    heads: dict[str, dict[str, float | bool | str]] = {}
    q_values: dict[str, float] = {}
    updates: int = 0

    def read(self, event: Event) -> None:
        """Takes an update of the policy."""
        if event.type != "PPO_UPDATE_COMPLETED":
            return
        data = event.data
        self.offset, self.updates = event.offset, self.updates + 1
        self.figures = _known(data, FIGURES, number)
        self.flags = _known(data, _FLAGS, flag)
        self.heads = {head: found for head in HEADS if (found := _head(head, event))}
        self.q_values = _q_values(event)

    def view(self) -> dict[str, Any] | None:
        """The panel, None before the first update."""
        if self.offset is None:
            return None
        return {
            "offset": self.offset,
            "updates": self.updates,
            **{key: self.figures.get(key) for key in FIGURES},
            **{key: self.flags.get(key) for key in _FLAGS},
            "heads": self.heads,
            "q_values": self.q_values,
        }


def words_of(policy: Policy, readings: Readings) -> dict[str, dict[str, Any]]:
    """The words for the three headline figures, each with the value that was judged."""
    return {
        "entropy": _entropy_words(policy, readings),
        "kl_divergence": _judged("kl_divergence", readings, kl_word),
        "value_variance": _judged("value_variance", readings, value_variance_word),
    }


def _entropy_words(policy: Policy, readings: Readings) -> dict[str, Any]:
    """Judges the head of the operation where there is one: `entropy` may sum over eight heads."""
    judged = "entropy" if readings.number("entropy_op") is None else "entropy_op"
    if policy.flags.get("entropy_collapsed"):
        return _judged(judged, readings, lambda _: COLLAPSED)
    return _judged(judged, readings, entropy_word)


def _judged(
    field: str, readings: Readings, judge: Callable[[float], Word | None]
) -> dict[str, Any]:
    value = readings.number(field)
    word = None if value is None else judge(value)
    said = (None, None, None) if word is None else word
    return {**dict(zip(Word._fields, said, strict=True)), "judged": field, "value": value}


def _head(head: str, event: Event) -> dict[str, float | bool | str]:
    found: dict[str, float | bool | str] = {}
    for key in _OF_A_HEAD:
        value = number(event.data.get(f"head_{head}_{key}"))
        if value is not None:
            found[key] = value
    state = text(event.data.get(f"head_{head}_gradient_state"))
    if state is not None:
        found["gradient_state"] = state
    for key in ("nan", "inf"):
        detected = flag(mapping(event.data.get(f"head_{key}_detected")).get(head))
        if detected is not None:
            found[key] = detected
    return found


def _known(data: Data, keys: tuple[str, ...], read: Callable[[object], T | None]) -> dict[str, T]:
    return {key: found for key in keys if (found := read(data.get(key))) is not None}


def _q_values(event: Event) -> dict[str, float]:
    values = map(number, items(event.data.get("op_q_values")))
    pairs = zip(OPERATIONS, values, strict=False)
    return {operation: value for operation, value in pairs if value is not None}
