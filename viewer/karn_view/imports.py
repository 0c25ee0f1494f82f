"""Imports of many modules. Standard library only."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Imports in four fifths of the time: what is imported stays, so nobody looks for cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
