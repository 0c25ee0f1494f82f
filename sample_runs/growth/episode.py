"""One episode: a new host, and one decision of the policy before each of its epochs."""

from statistics import pstdev
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from growth.actions import ACTIONS, Action, legal
from growth.attribution import shapley
from growth.digits import Digits
from growth.facts import decision_facts, epoch_facts, reward_facts
from growth.layers import Array
from growth.lifecycle import Lifecycle
from growth.measurement import Measures, coalition_accuracies, measure
from growth.network import Network
from growth.observation import observe
from growth.policy import Decision
from growth.reports import Emit, Reports
from growth.reward import Reward, potential, reward_of
from growth.seed import Stage
from growth.settings import Settings
from growth.watch import Stability, Watch

ATTRIBUTION_EPOCHS = 6
"""Contributions are computed every so many epochs, and after the last."""


class Episode:
    """The life of one network, from a bare host to what has grown on it.

    Attributes:
        twin: The same host without seeds, taught the same in the same order: what would have been.
        measures: The network as it is now.
        total_reward: What its policy has gained so far.
    """

    def __init__(
        self, env_id: int, episode_idx: int, digits: Digits, settings: Settings, emit: Emit
    ) -> None:
        start = [settings.seed, episode_idx]
        self.network = Network(settings.width, np.random.default_rng(start))
        self.twin = Network(settings.width, np.random.default_rng(start))
        self.reports = Reports(emit, env_id, episode_idx)
        self.life = Lifecycle(self.network, self.reports, f"ep{episode_idx}_env{env_id}")
        self.total_reward = 0.0
        self._digits = digits
        self._rng = np.random.default_rng(start)
        self.measures = self._measured(float("nan"))
        self._epochs = settings.epochs
        self._accuracy_deltas: list[float] = [0.0]
        self._growing_allowed = False
        self._promise = 0.0
        self._stability = Stability()
        self._watch = Watch(self.reports, settings.epochs)

    def observe(self) -> Array:
        progress = self.reports.epoch / self._epochs
        slots = list(self.network.slots.values())
        delta = self._accuracy_deltas[-1]
        return observe(self.measures, slots, delta, progress, self._growing_allowed)

    def legal(self) -> NDArray[np.bool_]:
        return legal(self.network.slots, self._growing_allowed)

    def step(self, decision: Decision, rate: float) -> Reward:
        """Does what was decided, then lives one epoch.

        Raises:
            Diverged: When the loss has not been a number for a while.
        """
        self.reports.epoch += 1
        action = ACTIONS[decision.action]
        before = self.measures
        success = self.life.act(action)
        self._learn(rate)
        reward = self._reward(before, success)
        self._report(decision, action, success, reward)
        self._allow_growing()
        if self._is_last or self.reports.epoch % ATTRIBUTION_EPOCHS == 0:
            self._attribute()
        if not self._is_last:
            self.life.age()
        return reward

    @property
    def _is_last(self) -> bool:
        return self.reports.epoch == self._epochs

    def _attribute(self) -> None:
        """Computes and reports what each active seed is worth, if there are any."""
        if active := self.network.active:
            started = perf_counter()
            matrix = coalition_accuracies(self.network, self._digits.validation)
            took_ms = 1000.0 * (perf_counter() - started)
            self.reports.attributed(matrix, shapley(active, matrix), took_ms)

    def end(self) -> None:
        """Reports how it came out; only here the test part is looked at."""
        counts = self.life.counts
        outcome = {
            "final_accuracy": self.measures.fit.accuracy,
            "host_accuracy": self.measures.host_accuracy,
            "twin_accuracy": self.measures.twin_accuracy,
            "test_accuracy": self.network.fit(self._digits.test).accuracy,
            "twin_test_accuracy": self.twin.fit(self._digits.test).accuracy,
            "param_ratio": self.measures.param_ratio,
            "efficiency": self.measures.efficiency,
            "episode_reward": self.total_reward,
            "episode_length": self.reports.epoch,
            "stability_score": 1.0 / (1.0 + pstdev(self._accuracy_deltas)),
            "num_fossilized": counts["FOSSILIZE"],
            "num_contributing_fossilized": self._useful_fossils(),
            "outcome_type": "timeout",
        }
        totals = {f"{name.lower()}_count": count for name, count in counts.items()}
        self.reports.ended(outcome | totals)

    def _learn(self, rate: float) -> None:
        before = self.measures.fit.accuracy
        order = self._rng.permutation(len(self._digits.train.y))
        loss = self.network.learn(self._digits.train, order, rate)
        self.twin.learn(self._digits.train, order, rate)
        self.measures = self._measured(loss)
        self._accuracy_deltas.append(self.measures.fit.accuracy - before)

    def _measured(self, loss: float) -> Measures:
        return measure(self.network, self.twin, self._digits.validation, loss)

    def _reward(self, before: Measures, success: bool) -> Reward:
        promised = self._promise
        self._promise = potential(slot.stage for slot in self.network.slots.values())
        reward = reward_of(
            lead_delta=self.measures.lead - before.lead,
            param_ratio=self.measures.param_ratio,
            potential_delta=self._promise - promised,
            action_success=success,
            useful_fossils=self._useful_fossils() if self._is_last else 0,
        )
        self.total_reward += reward.total
        return reward

    def _useful_fossils(self) -> int:
        fossils = [seed for seed in self.network.seeds.values() if seed.stage is Stage.FOSSILIZED]
        return sum(seed.gain is not None and seed.gain > 0.0 for seed in fossils)

    def _allow_growing(self) -> None:
        settled = self._stability.settled(self.measures.fit.loss)
        if settled and not self._growing_allowed:
            self.reports.stabilized(self._stability.count, self.measures.fit.loss)
        self._growing_allowed = settled

    def _report(self, decision: Decision, action: Action, success: bool, reward: Reward) -> None:
        fit = self.measures.fit
        slots = list(self.network.slots.values())
        norm = self.network.gradient_norm
        self.reports.epoch_completed(epoch_facts(self.measures), slots, norm)
        chosen = decision_facts(decision, action) | {"action_success": success}
        self.reports.acted(chosen | reward_facts(reward, self.measures))
        self._watch.look(fit.loss, fit.accuracy, norm)
