from collections.abc import Callable

import numpy as np
import pytest
from growth.blueprints import BLUEPRINTS
from growth.digits import Digits
from growth.layers import Array
from growth.network import Network, cross_entropy
from growth.seed import Seed, Stage

Slopes = Callable[[Callable[[], float], Array], Array]


def network(seed: int = 1) -> Network:
    return Network(2, np.random.default_rng(seed))


def plant(grown: Network, slot_id: str, stage: Stage, alpha: float, kind: str = "mlp") -> Seed:
    body = BLUEPRINTS[kind](grown.window_pixels, grown.width, grown.rng)
    slot = grown.slots[slot_id]
    slot.seed, slot.alpha = Seed("seed", kind, body, stage), alpha
    return slot.seed


def host_values(grown: Network) -> list[Array]:
    return [weight.value.copy() for weight in grown.host_weights]


def learn(grown: Network, digits: Digits, epochs: int = 1, rate: float = 0.02) -> None:
    for _ in range(epochs):
        grown.learn(digits.train, np.arange(len(digits.train.y)), rate)


def test_the_loss_s_slope_agrees_with_finite_differences(
    slopes_of: Slopes, rng: np.random.Generator
) -> None:
    logits, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, size=6)
    _, slope = cross_entropy(logits, labels)
    found = slopes_of(lambda: cross_entropy(logits, labels)[0], logits)
    assert slope == pytest.approx(found, abs=1e-6)


def test_slopes_through_blended_seeds_agree_with_finite_differences(
    slopes_of: Slopes, digits: Digits
) -> None:
    grown = network()
    seed = plant(grown, "r0c0", Stage.BLENDING, 0.5, "gated")
    plant(grown, "r0c2", Stage.HOLDING, 1.0, "bottleneck")
    part = digits.train

    def loss() -> float:
        return cross_entropy(grown.whole.forward(part.x), part.y)[0]

    grown.whole.backward(cross_entropy(grown.whole.forward(part.x), part.y)[1])
    for weight in [*grown.host_weights, *seed.body.weights()]:
        assert weight.slope == pytest.approx(slopes_of(loss, weight.value), abs=1e-5)


def test_a_seed_behind_the_host_learns_and_the_host_never_feels_it(digits: Digits) -> None:
    alone, watched = network(), network()
    seed = plant(watched, "r0c1", Stage.TRAINING, 0.0)
    before = [weight.value.copy() for weight in seed.body.weights()]
    learn(alone, digits)
    learn(watched, digits)
    assert all(map(np.array_equal, host_values(alone), host_values(watched)))
    assert not all(map(np.array_equal, before, (w.value for w in seed.body.weights())))


def test_a_germinated_seed_waits(digits: Digits) -> None:
    grown = network()
    seed = plant(grown, "r0c1", Stage.GERMINATED, 0.0)
    before = [weight.value.copy() for weight in seed.body.weights()]
    learn(grown, digits)
    assert all(map(np.array_equal, before, (weight.value for weight in seed.body.weights())))


def test_at_alpha_zero_a_seed_has_no_say(digits: Digits) -> None:
    alone, grown = network(), network()
    plant(grown, "r0c1", Stage.TRAINING, 0.0)
    assert grown.fit(digits.test) == alone.fit(digits.test)


def test_alphas_come_back_even_after_an_error() -> None:
    grown = network()
    plant(grown, "r0c1", Stage.BLENDING, 0.25)

    def fail() -> None:
        with grown.blended({"r0c1": 1.0}):
            assert grown.slots["r0c1"].alpha == 1.0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert grown.slots["r0c1"].alpha == 0.25


def test_the_parameter_ratio_counts_seeds_over_the_host() -> None:
    grown = network()
    assert grown.param_ratio == 1.0
    seed = plant(grown, "r0c0", Stage.TRAINING, 0.0)
    assert grown.param_ratio == 1.0 + seed.params / grown.host_params


def test_an_answer_that_is_no_number_is_a_wrong_one(digits: Digits) -> None:
    grown = network()
    grown.host_weights[0].value[:] = np.nan
    fit = grown.fit(digits.test)
    assert np.isnan(fit.loss)
    assert fit.accuracy == 0.0


def test_a_host_learns_the_digits(digits: Digits) -> None:
    grown = network()
    before = grown.fit(digits.train).accuracy
    learn(grown, digits, epochs=60)
    assert grown.fit(digits.train).accuracy > before + 40.0
