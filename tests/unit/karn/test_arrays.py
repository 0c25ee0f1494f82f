import array
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from karn.arrays import ELEMENTS_LIMIT
from karn.plain import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.1), 0.1),
        (np.float32(0.1), 0.10000000149011612),
        (np.float16(0.5), 0.5),
        (np.longdouble(0.5), 0.5),
        (np.int64(-3), -3),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.bool_(True), True),
        (np.float32("nan"), "NaN"),
        (np.array(2.5), 2.5),
        (np.array([1, 2]), [1, 2]),
        (np.array([[1.0, np.inf]]), [[1.0, "Infinity"]]),
        (np.array(["a", None], dtype=object), ["a", None]),
        (np.str_("text"), "text"),
        (np.complex128(1j), "1j"),
        (np.datetime64("2024-06-01"), "2024-06-01"),
        (np.array(["2024-06-01T00:00:00.000000001"], "M8[ns]"), ["2024-06-01T00:00:00.000000001"]),
        (np.dtype("float32"), "float32"),
        (array.array("d", [1.0]), [1.0]),
        (np.zeros(0), []),
    ],
)
def test_array_libraries_values_become_python_values(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_keys_may_be_numpy_integers() -> None:
    assert plain({np.int64(5): 1}) == {"5": 1}


def test_a_large_array_is_described() -> None:
    large = np.linspace(0, 1, ELEMENTS_LIMIT + 1, dtype="float32").reshape(1, -1)
    large[0, 3] = np.nan
    found = plain(large)
    assert found["shape"] == [1, ELEMENTS_LIMIT + 1]
    assert (found["dtype"], found["non_finite"]) == ("float32", 1)
    assert (found["min"], found["max"]) == (0.0, 1.0)
    assert 0.49 < found["mean"] < 0.51


def test_a_large_array_without_finite_elements_has_no_range() -> None:
    assert plain(np.full(ELEMENTS_LIMIT + 1, np.nan)) == {
        "shape": [ELEMENTS_LIMIT + 1],
        "dtype": "float64",
        "non_finite": ELEMENTS_LIMIT + 1,
    }


@pytest.mark.parametrize("kind", ["bool", "int8", "uint64", "float16"])
def test_every_kind_of_number_has_a_range(kind: str) -> None:
    assert plain(np.ones(ELEMENTS_LIMIT + 1, dtype=kind))["mean"] == 1.0


@pytest.mark.parametrize(
    "large",
    [np.full(ELEMENTS_LIMIT + 1, "text"), array.array("d", [0.0]) * (ELEMENTS_LIMIT + 1)],
)
def test_a_large_array_that_cannot_be_computed_with_has_its_shape(large: Any) -> None:
    assert plain(large)["shape"] == [ELEMENTS_LIMIT + 1]


def test_a_tensor_is_known_by_what_it_can_do() -> None:
    class Tensor(SimpleNamespace):
        shape = ()

        def tolist(self) -> float:
            return 0.5

    assert plain({"loss": Tensor()}) == {"loss": 0.5}


def test_a_tensor_that_cannot_be_fetched_is_its_repr() -> None:
    class Lost:
        def tolist(self) -> float:
            raise RuntimeError("device lost")

        def __repr__(self) -> str:
            return "<lost tensor>"

    assert plain({"loss": Lost(), "step": 1}) == {"loss": "<lost tensor>", "step": 1}
