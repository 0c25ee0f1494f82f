"""The best and the worst episodes of a run. Pure."""

import math
from typing import Any

import msgspec

from karn_view.formats.karn.event import Event
from karn_view.formats.karn.fields import first, number, text, whole

SHOWN = 5


class Episode(msgspec.Struct, frozen=True):
    """How one episode ended."""

    accuracy: float
    offset: int
    x: float
    env_id: int | None
    episode: int | None
    param_ratio: float | None
    reward: float | None
    stability: float | None
    fossilized: int | None
    germinated: int | None
    pruned: int | None
    outcome: str | None


class Episodes(msgspec.Struct):
    """The ranks at both ends, and how many there were."""

    best: list[Episode] = []
    worst: list[Episode] = []
    count: int = 0
    unranked: int = 0

    def read(self, event: Event, x: float) -> None:
        """Takes the outcome of one episode; without a finite accuracy it is not ranked."""
        if event.source not in ("EPISODE_OUTCOME", "heuristic_episode"):
            return
        self.count += 1
        accuracy = number(event.data.get("final_accuracy"))
        if accuracy is None or not math.isfinite(accuracy):
            self.unranked += 1
            return
        episode = _episode(accuracy, event, x)
        self.best = sorted([*self.best, episode], key=lambda one: -one.accuracy)[:SHOWN]
        self.worst = sorted([*self.worst, episode], key=lambda one: one.accuracy)[:SHOWN]

    def view(self) -> dict[str, Any]:
        """Best first and worst first; of few episodes, both hold all."""
        return {
            "count": self.count,
            "unranked": self.unranked,
            "best": [msgspec.structs.asdict(episode) for episode in self.best],
            "worst": [msgspec.structs.asdict(episode) for episode in self.worst],
        }


def _episode(accuracy: float, event: Event, x: float) -> Episode:
    data = event.data
    return Episode(
        accuracy=accuracy,
        offset=event.offset,
        x=x,
        env_id=event.env,
        episode=whole(first(data, "episode_idx", "episode")),
        param_ratio=number(data.get("param_ratio")),
        reward=number(first(data, "episode_reward", "total_reward")),
        stability=number(data.get("stability_score")),
        fossilized=whole(data.get("num_fossilized")),
        germinated=whole(data.get("germinate_count")),
        pruned=whole(data.get("prune_count")),
        outcome=text(data.get("outcome_type")),
    )
