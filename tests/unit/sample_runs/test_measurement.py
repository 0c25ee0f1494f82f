import numpy as np
import pytest
from growth.blueprints import BLUEPRINTS
from growth.digits import Digits
from growth.measurement import Measures, coalition_accuracies, measure
from growth.network import Fit, Network
from growth.seed import Seed, Stage


@pytest.fixture
def grown() -> Network:
    """A network with a blended, a holding and a training seed, none of them quiet."""
    network = Network(2, np.random.default_rng(5))
    stages = ((Stage.BLENDING, 0.5), (Stage.HOLDING, 1.0), (Stage.TRAINING, 0.0))
    for slot, (stage, alpha) in zip(network.slots.values(), stages, strict=True):
        body = BLUEPRINTS["mlp"](32, 2, network.rng)
        body.weights()[-1].value += network.rng.normal(size=2)
        slot.seed, slot.alpha = Seed(slot.slot_id, "mlp", body, stage), alpha
    return network


def test_a_gain_is_the_accuracy_with_the_seed_less_that_without(
    grown: Network, digits: Digits
) -> None:
    part = digits.validation
    measured = measure(grown, Network(2, np.random.default_rng(5)), part, 1.0)
    with grown.blended({"r0c1": 0.0}):
        assert grown.seeds["r0c1"].gain == measured.fit.accuracy - grown.fit(part).accuracy
    with grown.blended({"r0c2": 1.0}):
        assert grown.seeds["r0c2"].gain == grown.fit(part).accuracy - measured.fit.accuracy


def test_with_every_seed_switched_off_the_host_is_the_twin_it_began_as(
    grown: Network, digits: Digits
) -> None:
    measured = measure(grown, Network(2, np.random.default_rng(5)), digits.validation, 1.0)
    assert measured.host_accuracy == measured.twin_accuracy
    assert measured.lead == pytest.approx(measured.fit.accuracy - measured.host_accuracy)


def test_coalitions_are_of_the_active_seeds(grown: Network, digits: Digits) -> None:
    matrix = coalition_accuracies(grown, digits.validation)
    assert set().union(*matrix) == {"r0c0", "r0c1"}
    assert matrix[frozenset({"r0c0", "r0c1"})] == grown.fit(digits.validation).accuracy


def test_efficiency_is_not_known_where_the_host_is_never_right() -> None:
    assert Measures(1.0, Fit(1.0, 50.0), 0.0, 10.0, 2.0).efficiency is None
    assert Measures(1.0, Fit(1.0, 90.0), 60.0, 10.0, 3.0).efficiency == pytest.approx(0.5)
