"""Every backward pass is compared with finite differences of its forward pass."""

from collections.abc import Callable

import numpy as np
import pytest
from growth.blueprints import BLUEPRINTS
from growth.layers import (
    Array,
    Chain,
    Layer,
    Linear,
    Norm,
    Product,
    Relu,
    Sigmoid,
    Tanh,
    Windows,
    count,
)

Slopes = Callable[[Callable[[], float], Array], Array]
Rng = np.random.Generator

LAYERS: dict[str, Callable[[Rng], Layer]] = {
    "linear": lambda rng: Linear(5, 3, rng),
    "relu": lambda rng: Relu(),
    "tanh": lambda rng: Tanh(),
    "sigmoid": lambda rng: Sigmoid(),
    "norm": lambda rng: Norm(5),
    "chain": lambda rng: Chain([Linear(5, 4, rng), Tanh(), Norm(4), Linear(4, 2, rng)]),
    "product": lambda rng: Product(Linear(5, 3, rng), Chain([Linear(5, 3, rng), Sigmoid()])),
    "windows that overlap": lambda rng: Windows(
        [Linear(3, 2, rng), Linear(3, 2, rng)], [[0, 1, 2], [2, 3, 4]], width=2
    ),
} | {
    f"blueprint {name}": lambda rng, grow=grow: grow(5, 2, rng) for name, grow in BLUEPRINTS.items()
}


@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())
def test_backward_agrees_with_finite_differences(
    make: Callable[[Rng], Layer], slopes_of: Slopes, rng: Rng
) -> None:
    layer, x = make(rng), rng.normal(size=(7, 5))
    pull = rng.normal(size=layer.forward(x).shape)

    def measure() -> float:
        return float((pull * layer.forward(x)).sum())

    layer.forward(x)
    back = layer.backward(pull)
    assert back == pytest.approx(slopes_of(measure, x), abs=1e-5)
    for weight in layer.weights():
        assert weight.slope == pytest.approx(slopes_of(measure, weight.value), abs=1e-5)


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_a_young_seed_says_little(name: str, rng: Rng) -> None:
    said = BLUEPRINTS[name](32, 2, rng).forward(rng.uniform(size=(50, 32)))
    assert said.shape == (50, 2)
    assert np.abs(said).mean() < 0.5


def test_blueprints_go_from_cheap_to_dear(rng: Rng) -> None:
    sizes = [count(grow(32, 2, rng)) for grow in BLUEPRINTS.values()]
    assert sizes[0] == min(sizes)
    assert sizes[-1] == max(sizes)
