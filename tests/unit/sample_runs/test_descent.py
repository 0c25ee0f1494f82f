import numpy as np
import pytest
from growth.descent import Adam, Descent, clip, norm
from growth.layers import Weight


def bowl() -> Weight:
    return Weight(np.array([3.0, -4.0]))


@pytest.mark.parametrize(("optimiser", "rate"), [(Descent, 0.05), (Adam, 0.1)])
def test_an_optimiser_finds_the_bottom_of_a_bowl(
    optimiser: type[Descent] | type[Adam], rate: float
) -> None:
    weight = bowl()
    descent = optimiser([weight])
    for _ in range(300):
        weight.slope = weight.value.copy()
        descent.step(rate)
    assert np.abs(weight.value).max() < 0.01


def test_too_fast_a_rate_is_not_held_back() -> None:
    weight = bowl()
    descent = Descent([weight])
    with np.errstate(all="ignore"):
        for _ in range(2000):
            weight.slope = weight.value.copy()
            descent.step(5.0)
    assert not np.isfinite(weight.value).any()


def test_adam_s_first_step_is_as_long_as_its_rate() -> None:
    weight = bowl()
    adam = Adam([weight])
    weight.slope = np.array([1e3, -1e-3])
    adam.step(0.1)
    assert weight.value == pytest.approx([2.9, -3.9], abs=1e-4)


def test_clipping_keeps_the_direction_and_tells_the_length() -> None:
    weight = bowl()
    weight.slope = weight.value.copy()
    assert clip([weight], 1.0) == pytest.approx(5.0)
    assert weight.slope == pytest.approx([0.6, -0.8])
    assert clip([weight], 2.0) == pytest.approx(1.0)
    assert weight.slope == pytest.approx([0.6, -0.8])


def test_the_norm_of_what_overflows_is_infinite() -> None:
    weight = bowl()
    weight.slope = np.array([1e200, 1e200])
    assert norm([weight]) == float("inf")
