import numpy as np
from growth.blueprints import BLUEPRINTS
from growth.measurement import Measures
from growth.network import Fit, Network
from growth.observation import FAR, FEATURES, observe
from growth.seed import Seed, Stage
from hypothesis import given
from hypothesis import strategies as st

number = st.floats(allow_nan=True, allow_infinity=True)
NETWORK = Network(2, np.random.default_rng(0))
SLOTS = list(NETWORK.slots.values())


@given(number, number, number)
def test_whatever_a_network_has_come_to_it_is_seen_in_bounds(
    loss: float, delta: float, gain: float
) -> None:
    seed = Seed("s", "norm", BLUEPRINTS["norm"](32, 2, NETWORK.rng), Stage.TRAINING, gain=gain)
    SLOTS[0].seed = seed
    measures = Measures(loss, Fit(loss, 50.0), 40.0, 45.0, 1.5)
    seen = observe(measures, SLOTS, delta, 0.5, growing=True)
    assert seen.shape == (FEATURES,)
    assert np.isfinite(seen).all()
    assert np.abs(seen).max() <= FAR


def test_slots_in_different_stages_look_different() -> None:
    measures = Measures(1.0, Fit(1.0, 50.0), 40.0, 45.0, 1.5)
    SLOTS[0].seed = None
    empty = observe(measures, SLOTS, 0.0, 0.5, growing=True)
    SLOTS[0].embargo_epochs = 1
    assert not np.array_equal(empty, observe(measures, SLOTS, 0.0, 0.5, growing=True))
    SLOTS[0].embargo_epochs = 0
