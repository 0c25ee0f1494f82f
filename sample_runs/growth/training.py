"""The training: batches of episodes, and after each an update of the policy that steered them."""

from collections import Counter
from collections.abc import Callable
from statistics import fmean
from time import perf_counter, sleep
from typing import NamedTuple

import numpy as np

from growth.actions import ACTIONS
from growth.batch_reports import Batch, BatchReports
from growth.digits import Digits
from growth.episode import Episode
from growth.observation import FEATURES
from growth.policy import Policy
from growth.ppo import Learner, Rollout, samples_of
from growth.reports import Emit
from growth.settings import Settings
from growth.update import facts_of


class Progress(NamedTuple):
    """How one batch went, for a person to read."""

    batch: int
    batches: int
    accuracy: float
    twin_accuracy: float
    param_ratio: float
    reward: float
    entropy: float
    kl_divergence: float


class Training:
    """A policy, and everything it takes to train it."""

    def __init__(self, digits: Digits, settings: Settings, emit: Emit) -> None:
        self._digits = digits
        self._settings = settings
        self._emit = emit
        self._rng = np.random.default_rng(settings.seed)
        self._policy = Policy(FEATURES, len(ACTIONS), self._rng)
        self._learner = Learner(self._policy, settings, self._rng)
        self._reports = BatchReports(emit, settings)

    def run(self, tell: Callable[[Progress], None]) -> None:
        """Trains to the end; `tell` hears of every batch.

        Raises:
            Diverged: When the loss of a network is no number any more.
        """
        self._reports.started(self._episode(0, 0).network.host_params)
        for number in range(self._settings.batches):
            tell(self._batch(number))

    def _batch(self, number: int) -> Progress:
        settings = self._settings
        first = number * settings.envs
        count = min(settings.envs, settings.episodes - first)
        episodes = [self._episode(env_id, first + env_id) for env_id in range(count)]
        rollout = self._live(episodes, settings.lr * settings.lr_growth**number)
        for episode in episodes:
            episode.end()
        facts = self._update(rollout)
        batch = batch_of(number + 1, episodes, rollout)
        self._reports.completed(batch, facts)
        return self._progress(batch, facts)

    def _episode(self, env_id: int, episode_idx: int) -> Episode:
        return Episode(env_id, episode_idx, self._digits, self._settings, self._emit)

    def _live(self, episodes: list[Episode], rate: float) -> Rollout:
        steps = [self._step(episodes, rate) for _ in range(self._settings.epochs)]
        return Rollout(*(np.stack(column) for column in zip(*steps, strict=True)))

    def _step(self, episodes: list[Episode], rate: float) -> Rollout:
        seen = np.stack([episode.observe() for episode in episodes])
        legal = np.stack([episode.legal() for episode in episodes])
        decisions = self._policy.decide(seen, legal, self._rng)
        pairs = zip(episodes, decisions, strict=True)
        rewards = [episode.step(decision, rate).total for episode, decision in pairs]
        sleep(self._settings.pace_s)
        return Rollout(
            observations=seen,
            legal=legal,
            actions=np.array([decision.action for decision in decisions]),
            log_chances=np.log([d.probabilities[d.action] for d in decisions]),
            values=np.array([decision.value for decision in decisions]),
            rewards=np.array(rewards),
        )

    def _update(self, rollout: Rollout) -> dict[str, float]:
        started = perf_counter()
        samples = samples_of(rollout, self._settings)
        before = self._policy.log_probabilities(samples.observations, samples.legal)
        losses = self._learner.update(samples)
        took = {"update_time_ms": 1000.0 * (perf_counter() - started)}
        reach = self._settings.clip_ratio
        return took | facts_of(before, self._policy, rollout, samples, losses, reach)

    def _progress(self, batch: Batch, facts: dict[str, float]) -> Progress:
        return Progress(
            batch=batch.number,
            batches=self._settings.batches,
            accuracy=fmean(batch.accuracies),
            twin_accuracy=fmean(batch.twin_accuracies),
            param_ratio=fmean(batch.param_ratios),
            reward=fmean(batch.rewards),
            entropy=facts["entropy"],
            kl_divergence=facts["kl_divergence"],
        )


def batch_of(number: int, episodes: list[Episode], rollout: Rollout) -> Batch:
    """Sums up episodes that have ended."""
    measures = [episode.measures for episode in episodes]
    return Batch(
        number=number,
        accuracies=[each.fit.accuracy for each in measures],
        host_accuracies=[each.host_accuracy for each in measures],
        twin_accuracies=[each.twin_accuracy for each in measures],
        param_ratios=[each.param_ratio for each in measures],
        rewards=[episode.total_reward for episode in episodes],
        operations=Counter(ACTIONS[action].operation for action in rollout.actions.flat),
        fossilized=sum(episode.life.counts["FOSSILIZE"] for episode in episodes),
        legal_actions=float(rollout.legal.sum(axis=-1).mean()),
    )
