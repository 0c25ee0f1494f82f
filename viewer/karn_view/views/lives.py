"""The lives of seeds over the run: stage after stage, and how each one ended. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import first, flag, mapping, number, text, whole
from karn_view.formats.karn.vocabulary import DORMANT_STAGES, stage_now

LIVES_KEPT = 120
LIVES_SHOWN = 40
_STAGES_KEPT = 40
_ALPHAS_KEPT = 60


class Phase(msgspec.Struct, frozen=True, array_like=True):
    """A stage and where it began."""

    stage: str
    x: float
    alpha: float | None
    offset: int


class Life(msgspec.Struct):
    """One seed from germination on; `until` is None while its lane goes on."""

    env: int
    slot: str
    seed: str | None
    blueprint: str | None
    params: int | None
    phases: list[Phase]
    until: float | None = None
    ended: str | None = None
    ended_by: str | None = None
    why: str | None = None
    improvement: float | None = None
    alphas: list[tuple[float, float]] = []

    def blend(self, x: float, alpha: float) -> None:
        """Takes how far the seed is blended in; changes are kept, the first and last of many."""
        if self.alphas and self.alphas[-1][1] == alpha:
            return
        if len(self.alphas) == _ALPHAS_KEPT:
            del self.alphas[-1]
        self.alphas.append((x, alpha))


class Lives(msgspec.Struct):
    """The newest lives, oldest first, and how many older ones are no longer kept."""

    lives: list[Life] = []
    forgotten: int = 0

    def read(self, event: Event, x: float) -> None:
        """Takes a `SEED_*` event, with which the lane of its slot goes on, or an epoch's report."""
        if event.type == "EPOCH_COMPLETED":
            self._blend(event, x)
        slot = event.slot
        if slot is None:
            return
        match event.type:
            case "SEED_GERMINATED":
                self._germinate(slot, event, x)
            case "SEED_STAGE_CHANGED":
                stage = text(first(event.data, "to_stage", "to"))
                if stage is not None:
                    self._change(slot, stage_now(stage), event, x)
            case "SEED_PRUNED":
                self._end(slot, "PRUNED", event, x)
            case "SEED_FOSSILIZED":
                self._end(slot, "FOSSILIZED", event, x)

    def close(self, env: int | None, x: float) -> None:
        """Ends every open lane of this environment, or of all: its episode is over."""
        for life in self.lives:
            if life.until is None and env in (None, life.env):
                life.until = x
                life.ended = life.ended or "EPISODE"

    def view(self) -> dict[str, Any]:
        """The newest lanes, oldest first."""
        shown = self.lives[-LIVES_SHOWN:]
        return {
            "lives": [_life_view(life) for life in shown],
            "older": self.forgotten + len(self.lives) - len(shown),
        }

    def _blend(self, event: Event, x: float) -> None:
        for slot, said in mapping(event.data.get("seeds")).items():
            alpha, life = number(mapping(said).get("alpha")), self._open(event.env_or_first, slot)
            if life is not None and alpha is not None:
                life.blend(x, alpha)

    def _germinate(self, slot: str, event: Event, x: float) -> None:
        previous = self._open(event.env_or_first, slot)
        if previous is not None:
            previous.until = x
        self._begin(slot, "GERMINATED", event, x)

    def _change(self, slot: str, stage: str, event: Event, x: float) -> None:
        life = self._open(event.env_or_first, slot)
        if life is None and stage not in DORMANT_STAGES:
            life = self._begin(slot, stage, event, x)
        elif life is not None and stage == "DORMANT":
            life.until = x
        elif life is not None:
            _enter(life, stage, event, x)

    def _end(self, slot: str, stage: str, event: Event, x: float) -> None:
        life = self._open(event.env_or_first, slot) or self._begin(slot, stage, event, x)
        _enter(life, stage, event, x)
        automatic = "auto" if flag(event.data.get("auto_pruned")) else None
        life.ended = stage
        life.ended_by = text(event.data.get("initiator")) or automatic
        life.why = text(event.data.get("reason"))
        life.improvement = number(event.data.get("improvement"))
        life.blueprint = name(event.data.get("blueprint_id")) or life.blueprint

    def _begin(self, slot: str, stage: str, event: Event, x: float) -> Life:
        alpha = number(event.data.get("alpha"))
        life = Life(
            env=event.env_or_first,
            slot=slot,
            seed=event.seed,
            blueprint=name(event.data.get("blueprint_id")),
            params=whole(first(event.data, "params", "params_added")),
            phases=[Phase(stage, x, alpha, event.offset)],
        )
        self.lives.append(life)
        if len(self.lives) > LIVES_KEPT:
            del self.lives[0]
            self.forgotten += 1
        return life

    def _open(self, env: int, slot: str) -> Life | None:
        of_slot = (one for one in reversed(self.lives) if one.env == env and one.slot == slot)
        newest = next(of_slot, None)
        return newest if newest is not None and newest.until is None else None


def _enter(life: Life, stage: str, event: Event, x: float) -> None:
    alpha = number(event.data.get("alpha"))
    if life.phases[-1].stage != stage and len(life.phases) < _STAGES_KEPT:
        life.phases.append(Phase(stage, x, alpha, event.offset))


def _life_view(life: Life) -> dict[str, Any]:
    begins = [phase.x for phase in life.phases]
    ends = [*begins[1:], life.until]
    return {
        "env_id": life.env,
        "slot_id": life.slot,
        "seed": life.seed,
        "blueprint": life.blueprint,
        "params": life.params,
        "stages": [
            [phase.stage, phase.x, end, phase.alpha, phase.offset]
            for phase, end in zip(life.phases, ends, strict=True)
        ],
        "alphas": life.alphas,
        "ended": life.ended,
        "ended_by": life.ended_by,
        "why": life.why,
        "improvement": life.improvement,
    }
