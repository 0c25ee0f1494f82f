"""The state of a morphogenetic training at one moment of its run. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.epochs import BEGINNINGS, EpochAxis
from karn_view.formats.karn.event import Event, name
from karn_view.formats.karn.fields import items
from karn_view.views.attribution import Attribution
from karn_view.views.decisions import Decisions
from karn_view.views.environments import (
    ENVS_KEPT,
    EVENTS,
    SLOTS_KEPT,
    Environment,
    environment_view,
    seed_views,
)
from karn_view.views.episodes import Episodes
from karn_view.views.lives import Lives
from karn_view.views.policy import Policy, words_of
from karn_view.views.readings import Readings, readings_in
from karn_view.views.slots import Slot
from karn_view.views.words import THRESHOLDS

HEADLINES = (
    "epoch",
    "max_epochs",
    "mode",
    "accuracy",
    "host_accuracy",
    "param_ratio",
    "efficiency",
    "value_variance",
    "entropy",
    "kl_divergence",
    "task",
    "trainer",
    "batch",
    "max_batches",
    "episodes",
    "max_episodes",
    "n_envs",
    "host_params",
    "val_loss",
    "rolling_accuracy",
    "gain",
    "param_ratio_live",
    "entropy_op",
)
"""The values that stand for the whole run."""

_WORKED_OUT = ("param_ratio", "param_ratio_live", "gain", "efficiency")


class MorphogenesisFold(msgspec.Struct):
    """Folds Karn events into what the dashboard shows."""

    readings: Readings = msgspec.field(default_factory=Readings)
    environments: dict[int, Environment] = {}
    lives: Lives = msgspec.field(default_factory=Lives)
    decisions: Decisions = msgspec.field(default_factory=Decisions)
    attribution: Attribution = msgspec.field(default_factory=Attribution)
    policy: Policy = msgspec.field(default_factory=Policy)
    episodes: Episodes = msgspec.field(default_factory=Episodes)
    slot_ids: list[str] = []
    trainings: int = 0

    def apply(self, event: Event, axis: EpochAxis, begins_episode: bool) -> None:
        """Takes one event in; odd fields read as missing.

        Args:
            event: The event.
            axis: The epochs of this run, this event included.
            begins_episode: Whether it is the first of another episode of its environment.
        """
        if event.type in BEGINNINGS:
            self._begin_training(event, axis.top)
        elif begins_episode:
            self._begin_episode(event.env_or_first, axis)
        x = axis.x_of(event)
        environment = self._environment(event)
        self._read_headlines(event, x, environment)
        if environment is not None:
            self._read_environment(environment, event, x)
        self.lives.read(event, x)
        self.policy.read(event)
        self.attribution.read(event, x)
        self.episodes.read(event, x)
        action = self.decisions.read(event, x)
        if action is not None and environment is not None:
            environment.last_action = action.action
            environment.last_action_success = action.success

    def dashboard(self) -> dict[str, Any]:
        """The dashboard's fields; None was never measured."""
        environments = [environment for _, environment in sorted(self.environments.items())]
        return {
            **{headline: self.readings.value(headline) for headline in HEADLINES},
            "accuracy_mean": _mean_accuracy(environments),
            "seeds": [seed for environment in environments for seed in seed_views(environment)],
            **self.decisions.view(),
            "words": words_of(self.policy, self.readings),
            "thresholds": THRESHOLDS,
            "provenance": self.readings.provenance(),
            "environments": [environment_view(environment) for environment in environments],
            "lanes": self.lives.view(),
            **self.attribution.view(),
            "policy": self.policy.view(),
            "episodes_ranked": self.episodes.view(),
            "trainings": self.trainings,
        }

    def _begin_training(self, event: Event, x: float) -> None:
        """Ends what grew; the last values stay until there are newer ones, from whatever field."""
        is_training = event.type == "TRAINING_STARTED"
        self.readings.weaken(keep="heuristic_config" if is_training else None)
        self.lives.close(None, x)
        for environment in self.environments.values():
            environment.begin_episode()
            environment.readings.weaken()
        if is_training:
            self.trainings += 1
            said = items(event.data.get("slot_ids"))[:SLOTS_KEPT]
            self.slot_ids = [slot for slot in map(name, said) if slot is not None]

    def _begin_episode(self, env: int, axis: EpochAxis) -> None:
        self.lives.close(env, axis.episode_start(env))
        if env in self.environments:
            self.environments[env].begin_episode()

    def _environment(self, event: Event) -> Environment | None:
        """The environment this event is about; None for events about the run, or of too many."""
        if event.source not in EVENTS:
            return None
        env = event.env_or_first
        if env not in self.environments and len(self.environments) < ENVS_KEPT:
            slots = {slot: Slot() for slot in self.slot_ids}
            self.environments[env] = Environment(env, slots=slots)
        return self.environments.get(env)

    def _read_headlines(self, event: Event, x: float, environment: Environment | None) -> None:
        for headline, reading in readings_in(event, x):
            self.readings.take(headline, reading)
            if environment is not None:
                environment.readings.take(headline, reading)

    def _read_environment(self, environment: Environment, event: Event, x: float) -> None:
        """Lets the environment read on; what it works out is the run's newest too."""
        environment.read(event, x, self.readings.number("host_params"))
        for headline in _WORKED_OUT:
            found = environment.readings.held.get(headline)
            if found is not None and found.offset == event.offset:
                self.readings.take(headline, found)


def _mean_accuracy(environments: list[Environment]) -> float | None:
    """Over the newest accuracy of each environment; `accuracy` is of the one heard of last."""
    newest = [one.readings.number("accuracy") for one in environments]
    known = [accuracy for accuracy in newest if accuracy is not None]
    return sum(known) / len(known) if known else None
