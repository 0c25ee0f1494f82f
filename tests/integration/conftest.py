"""A real viewer, a real file, a real socket."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from viewing import Viewer, start_viewer


@pytest.fixture
def serve() -> Iterator[Callable[..., Viewer]]:
    """Start `karn-view` with these arguments; it ends with the test."""
    viewers: list[Viewer] = []

    def start(*arguments: object, **options: Any) -> Viewer:
        viewer = start_viewer(*map(str, arguments), **options)
        viewers.append(viewer)
        return viewer

    yield start
    for viewer in viewers:
        viewer.close()
