from collections.abc import Iterator

import numpy as np
import pytest
from growth.actions import ACTIONS, TRIAL_EPOCHS, Action, legal
from growth.gates import HELD_EPOCHS, TRAINED_EPOCHS
from growth.lifecycle import BLEND_EPOCHS, EMBARGO_EPOCHS, Lifecycle
from growth.network import SLOT_IDS, Network
from growth.reports import Reports
from growth.seed import Seed, Stage
from hypothesis import given
from hypothesis import strategies as st

from karn import TelemetryEvent

GERMINATE = Action("GERMINATE", "r0c1", "norm")
ADVANCE, FOSSILIZE = Action("ADVANCE", "r0c1"), Action("FOSSILIZE", "r0c1")
PRUNE = Action("PRUNE", "r0c1")


class Garden:
    """A network's lifecycle, and what was said of it."""

    def __init__(self) -> None:
        self.said: list[TelemetryEvent] = []
        self.network = Network(2, np.random.default_rng(0))
        self.life = Lifecycle(self.network, Reports(self.said.append, 0, 0), "ep0_env0")
        self.slot = self.network.slots["r0c1"]

    @property
    def seed(self) -> Seed:
        assert self.slot.seed
        return self.slot.seed

    def grow_to(self, stage: Stage) -> None:
        self.life.act(GERMINATE)
        for action in (ADVANCE, FOSSILIZE):
            while not legal(self.network.slots, True)[ACTIONS.index(action)]:
                if self.slot.stage is stage:
                    return
                self.life.age()
            while not self.life.act(action):
                if self.slot.stage is stage:
                    return
                self.seed.gain = 1.0
                self.life.age()

    def stages(self) -> dict[str, Stage]:
        return {name: slot.stage for name, slot in self.network.slots.items()}

    def changes(self) -> Iterator[tuple[str, str]]:
        for event in self.said:
            if event.event_type == "SEED_STAGE_CHANGED":
                assert event.data
                yield event.data["from_stage"], event.data["to_stage"]

    def names(self) -> list[str]:
        return [str(event.event_type) for event in self.said]


@pytest.fixture
def garden() -> Garden:
    return Garden()


def test_a_seed_goes_through_every_stage_to_a_fossil(garden: Garden) -> None:
    garden.grow_to(Stage.FOSSILIZED)
    assert list(garden.changes()) == [
        ("GERMINATED", "TRAINING"),
        ("TRAINING", "BLENDING"),
        ("BLENDING", "HOLDING"),
        ("HOLDING", "FOSSILIZED"),
    ]
    assert garden.slot.alpha == 1.0
    assert "SEED_FOSSILIZED" in garden.names()


def test_alpha_rises_evenly_while_blending(garden: Garden) -> None:
    garden.grow_to(Stage.BLENDING)
    alphas = []
    while garden.slot.stage is Stage.BLENDING:
        garden.life.age()
        alphas.append(garden.slot.alpha)
    assert alphas == pytest.approx([(n + 1) / BLEND_EPOCHS for n in range(BLEND_EPOCHS)])


def test_a_gate_refuses_a_seed_too_young_and_says_why(garden: Garden) -> None:
    garden.life.act(GERMINATE)
    garden.life.age()
    assert not garden.life.act(ADVANCE)
    assert garden.slot.stage is Stage.TRAINING
    data = garden.said[-1].data
    assert data and data["gate"] == "G2" and not data["passed"]
    assert data["checks_failed"] == [f"0_of_{TRAINED_EPOCHS}_epochs", "improves_accuracy"]


def test_a_seed_that_does_not_help_is_never_fossilized(garden: Garden) -> None:
    garden.grow_to(Stage.HOLDING)
    garden.seed.gain = 0.0
    for _ in range(HELD_EPOCHS + 1):
        garden.life.age()
    assert not garden.life.act(FOSSILIZE)
    garden.seed.gain = 0.1
    assert garden.life.act(FOSSILIZE)


def test_a_pruned_seed_s_slot_is_under_embargo_then_free(garden: Garden) -> None:
    garden.grow_to(Stage.HOLDING)
    assert garden.life.act(PRUNE)
    assert garden.stages()["r0c1"] is Stage.EMBARGOED
    assert garden.slot.alpha == 0.0
    for _ in range(EMBARGO_EPOCHS):
        garden.life.age()
    assert garden.stages()["r0c1"] is Stage.DORMANT
    assert list(garden.changes())[-3:] == [
        ("HOLDING", "PRUNED"),
        ("PRUNED", "EMBARGOED"),
        ("EMBARGOED", "DORMANT"),
    ]


def test_a_seed_is_given_its_trial_before_it_can_be_pruned(garden: Garden) -> None:
    garden.life.act(GERMINATE)
    allowed = []
    for _ in range(TRIAL_EPOCHS + 1):
        allowed.append(bool(legal(garden.network.slots, True)[ACTIONS.index(PRUNE)]))
        garden.life.age()
    assert allowed == [False] * TRIAL_EPOCHS + [True]


def test_every_seed_of_an_episode_has_its_own_id(garden: Garden) -> None:
    for slot_id in SLOT_IDS:
        garden.life.act(Action("GERMINATE", slot_id, "norm"))
    assert len({seed.seed_id for seed in garden.network.seeds.values()}) == 3


def test_before_the_host_is_stable_there_is_only_waiting(garden: Garden) -> None:
    assert [ACTIONS[n] for n in np.flatnonzero(legal(garden.network.slots, False))] == [ACTIONS[0]]


@given(st.lists(st.integers(0, 2**32), max_size=60))
def test_any_legal_history_keeps_alpha_and_stage_together(draws: list[int]) -> None:
    garden = Garden()
    for draw in draws:
        choices = np.flatnonzero(legal(garden.network.slots, True))
        garden.life.act(ACTIONS[choices[draw % len(choices)]])
        garden.life.age()
        for slot in garden.network.slots.values():
            assert 0.0 <= slot.alpha <= 1.0
            if slot.stage in {Stage.HOLDING, Stage.FOSSILIZED}:
                assert slot.alpha == 1.0
            elif slot.stage is not Stage.BLENDING:
                assert slot.alpha == 0.0
