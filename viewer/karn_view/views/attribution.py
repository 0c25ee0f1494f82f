"""Which slot earns the accuracy: Shapley values and counterfactual measurements. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import Data, items, mapping, number, text, whole

ENVS_KEPT = 64
CONFIGS_KEPT = 64


class Share(msgspec.Struct, frozen=True):
    """The Shapley value of one slot, in points of accuracy."""

    mean: float | None
    std: float | None
    n: int | None


class Shapley(msgspec.Struct, frozen=True):
    """The newest Shapley values of one environment."""

    offset: int
    x: float
    slots: dict[str, Share]


class Matrix(msgspec.Struct, frozen=True):
    """The newest counterfactual measurements of one environment: slots on, and accuracy."""

    offset: int
    x: float
    slots: list[str]
    strategy: str | None
    configs: list[tuple[list[str], float]]


class Attribution(msgspec.Struct):
    """The newest of both by environment."""

    shapley: dict[int, Shapley] = {}
    matrices: dict[int, Matrix] = {}

    def read(self, event: Event, x: float) -> None:
        """Takes one event."""
        env = event.env_or_first
        match event.source:
            case "shapley_computed":
                self.shapley.pop(env, None)
                self.shapley[env] = Shapley(event.offset, x, _shares(event.data))
                _bound(self.shapley)
            case "COUNTERFACTUAL_MATRIX_COMPUTED":
                self.matrices.pop(env, None)
                self.matrices[env] = _matrix(event, x)
                _bound(self.matrices)

    def view(self) -> dict[str, Any]:
        """Both by environment; in a matrix the host comes first, then alone, pairs and all."""
        return {
            "shapley": [_shapley_view(env, one) for env, one in sorted(self.shapley.items())],
            "counterfactual": [
                _matrix_view(env, one) for env, one in sorted(self.matrices.items())
            ],
        }


def _shares(data: Data) -> dict[str, Share]:
    shares: dict[str, Share] = {}
    for key, said in list(mapping(data.get("shapley_values")).items())[:CONFIGS_KEPT]:
        slot, value = name(key), mapping(said)
        if slot is not None:
            count = whole(value.get("n_samples"))
            shares[slot] = Share(number(value.get("mean")), number(value.get("std")), count)
    return shares


def _matrix(event: Event, x: float) -> Matrix:
    slots = [name(slot) or "" for slot in items(event.data.get("slot_ids"))[:CONFIGS_KEPT]]
    configs: dict[tuple[str, ...], float] = {}
    for config in map(mapping, items(event.data.get("configs"))[:CONFIGS_KEPT]):
        accuracy, mask = number(config.get("accuracy")), items(config.get("seed_mask"))
        on = tuple(slot for slot, switch in zip(slots, mask, strict=False) if switch)
        if accuracy is not None:
            configs.setdefault(on, accuracy)
    ordered = sorted(configs.items(), key=lambda config: (len(config[0]), config[0]))
    strategy = text(event.data.get("strategy"))
    return Matrix(event.offset, x, slots, strategy, [(list(on), value) for on, value in ordered])


def _shapley_view(env: int, shapley: Shapley) -> dict[str, Any]:
    rows = [
        {"slot_id": slot, "mean": share.mean, "std": share.std, "n": share.n}
        for slot, share in sorted(shapley.slots.items())
    ]
    return {"env_id": env, "offset": shapley.offset, "x": shapley.x, "slots": rows}


def _matrix_view(env: int, matrix: Matrix) -> dict[str, Any]:
    rows = [
        {"on": on, "kind": _kind(len(on), len(matrix.slots)), "accuracy": accuracy}
        for on, accuracy in matrix.configs
    ]
    return {
        "env_id": env,
        "offset": matrix.offset,
        "x": matrix.x,
        "slot_ids": matrix.slots,
        "strategy": matrix.strategy,
        "configs": rows,
    }


def _kind(on: int, slots: int) -> str:
    if on == 0:
        return "host"
    if on == slots:
        return "all"
    return {1: "alone", 2: "pair"}.get(on, "some")


def _bound(kept: dict[int, Any]) -> None:
    while len(kept) > ENVS_KEPT:
        del kept[next(iter(kept))]
