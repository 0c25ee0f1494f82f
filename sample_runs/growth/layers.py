"""Layers that run forwards and backwards. Pure numpy, no I/O.

A layer remembers its last forward pass; `backward` belongs to that pass, and leaves behind the
slope of each weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAK = 0.2
"""Slope of the leaky ReLU below zero: in a host of six features a dead one would be dear."""

TINY = 1e-6


@dataclass(slots=True)
class Weight:
    """A trainable array, and the slope of the loss along it after the last backward pass."""

    value: Array
    slope: Array = field(init=False)

    def __post_init__(self) -> None:
        self.slope = np.zeros_like(self.value)


class Layer:
    """Rows in, rows out: `(n, inputs)` to `(n, outputs)`."""

    def forward(self, x: Array) -> Array:
        raise NotImplementedError

    def backward(self, slope: Array) -> Array:
        """Takes the loss's slope along the outputs, returns it along the inputs."""
        raise NotImplementedError

    def weights(self) -> list[Weight]:
        return []


class Linear(Layer):
    """x W + b, drawn with the scale of He et al. 2015 (arXiv:1502.01852)."""

    def __init__(
        self, inputs: int, outputs: int, rng: np.random.Generator, scale: float = 1.0
    ) -> None:
        spread = scale * np.sqrt(2.0 / inputs)
        self.matrix = Weight(rng.normal(0.0, spread, (inputs, outputs)))
        self.bias = Weight(np.zeros(outputs))

    def forward(self, x: Array) -> Array:
        self._x = x
        return x @ self.matrix.value + self.bias.value

    def backward(self, slope: Array) -> Array:
        self.matrix.slope = self._x.T @ slope
        self.bias.slope = slope.sum(axis=0)
        return slope @ self.matrix.value.T

    def weights(self) -> list[Weight]:
        return [self.matrix, self.bias]


class Relu(Layer):
    """max(x, LEAK x)."""

    def forward(self, x: Array) -> Array:
        self._gain = np.where(x > 0.0, 1.0, LEAK)
        return x * self._gain

    def backward(self, slope: Array) -> Array:
        return slope * self._gain


class Tanh(Layer):
    """From -1 to 1."""

    def forward(self, x: Array) -> Array:
        self._y = np.tanh(x)
        return self._y

    def backward(self, slope: Array) -> Array:
        return slope * (1.0 - self._y**2)


class Sigmoid(Layer):
    """From 0 to 1."""

    def forward(self, x: Array) -> Array:
        self._y = 0.5 * (1.0 + np.tanh(0.5 * x))
        return self._y

    def backward(self, slope: Array) -> Array:
        return slope * self._y * (1.0 - self._y)


class Norm(Layer):
    """Each row brought to mean 0 and variance 1, then a scale and a shift for each feature."""

    def __init__(self, features: int, scale: float = 1.0) -> None:
        self.scale = Weight(np.full(features, scale))
        self.shift = Weight(np.zeros(features))

    def forward(self, x: Array) -> Array:
        self._deviation = np.sqrt(x.var(axis=1, keepdims=True) + TINY)
        self._z = (x - x.mean(axis=1, keepdims=True)) / self._deviation
        y: Array = self._z * self.scale.value + self.shift.value
        return y

    def backward(self, slope: Array) -> Array:
        self.scale.slope = (slope * self._z).sum(axis=0)
        self.shift.slope = slope.sum(axis=0)
        inner = slope * self.scale.value
        along = (inner * self._z).mean(axis=1, keepdims=True)
        even = inner - inner.mean(axis=1, keepdims=True) - self._z * along
        back: Array = even / self._deviation
        return back

    def weights(self) -> list[Weight]:
        return [self.scale, self.shift]


class Chain(Layer):
    """Layers one after the other."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, slope: Array) -> Array:
        for layer in reversed(self.layers):
            slope = layer.backward(slope)
        return slope

    def weights(self) -> list[Weight]:
        return [weight for layer in self.layers for weight in layer.weights()]


class Product(Layer):
    """Two layers side by side, multiplied: the one gates the other."""

    def __init__(self, left: Layer, right: Layer) -> None:
        self.left, self.right = left, right

    def forward(self, x: Array) -> Array:
        self._left, self._right = self.left.forward(x), self.right.forward(x)
        return self._left * self._right

    def backward(self, slope: Array) -> Array:
        return self.left.backward(slope * self._right) + self.right.backward(slope * self._left)

    def weights(self) -> list[Weight]:
        return self.left.weights() + self.right.weights()


class Windows(Layer):
    """Layers side by side: each sees its own columns of the rows, and their answers are joined."""

    def __init__(self, layers: Sequence[Layer], columns: Sequence[list[int]], width: int) -> None:
        self.layers, self.columns, self.width = list(layers), list(columns), width

    def forward(self, x: Array) -> Array:
        self._inputs = x.shape
        views = zip(self.layers, self.columns, strict=True)
        return np.concatenate([layer.forward(x[:, seen]) for layer, seen in views], axis=1)

    def backward(self, slope: Array) -> Array:
        back = np.zeros(self._inputs)
        for place, (layer, seen) in enumerate(zip(self.layers, self.columns, strict=True)):
            own = slope[:, place * self.width : (place + 1) * self.width]
            back[:, seen] += layer.backward(own)
        return back

    def weights(self) -> list[Weight]:
        return [weight for layer in self.layers for weight in layer.weights()]


def count(layer: Layer) -> int:
    """Returns how many numbers a layer trains."""
    return sum(weight.value.size for weight in layer.weights())
