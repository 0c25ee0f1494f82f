"""What a seed can become, from cheap to dear. Pure numpy, no I/O.

Each first brings its rows to one scale: a young seed must not depend on how bright the picture is.
"""

from collections.abc import Callable

import numpy as np

from growth.layers import Chain, Layer, Linear, Norm, Product, Relu, Sigmoid, Tanh

NARROW, WIDE = 3, 12
"""Hidden features of `bottleneck` and of `mlp`."""

QUIET = 0.1
"""Scale of a module's last layer, so that a young seed says little."""

Blueprint = Callable[[int, int, np.random.Generator], Layer]


def norm(inputs: int, outputs: int, rng: np.random.Generator) -> Layer:
    """A second linear look, at rows brought to one scale."""
    return Chain([Norm(inputs), Linear(inputs, outputs, rng, QUIET)])


def bottleneck(inputs: int, outputs: int, rng: np.random.Generator) -> Layer:
    """Through a few hidden features."""
    into, out = Linear(inputs, NARROW, rng), Linear(NARROW, outputs, rng, QUIET)
    return Chain([Norm(inputs), into, Tanh(), out])


def gated(inputs: int, outputs: int, rng: np.random.Generator) -> Layer:
    """A linear map, each of its features let through by a learned gate."""
    gate = Chain([Linear(inputs, outputs, rng), Sigmoid()])
    return Chain([Norm(inputs), Product(gate, Linear(inputs, outputs, rng, QUIET))])


def mlp(inputs: int, outputs: int, rng: np.random.Generator) -> Layer:
    """Through many hidden features: the strongest and the dearest."""
    into, out = Linear(inputs, WIDE, rng), Linear(WIDE, outputs, rng, QUIET)
    return Chain([Norm(inputs), into, Relu(), out])


BLUEPRINTS: dict[str, Blueprint] = {
    blueprint.__name__: blueprint for blueprint in (norm, bottleneck, gated, mlp)
}
