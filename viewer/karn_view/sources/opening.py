"""Which kind of source a path is, told by its first bytes."""

from pathlib import Path

from karn_view.sources.file import File
from karn_view.sources.source import Source


def open_source(path: Path) -> Source:
    """Opens what is at `path` now. Raises `OSError`; `FileNotFoundError` when nothing is there."""
    return File(path)
