"""Where what is known of large run files is kept for the next time. Standard library only."""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path


def cache_folder() -> Path:
    """Where this user's programs keep what can be made anew.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "karn-view"


def shelf_folder(folder: Path) -> Path:
    """Where in a cache folder the files are, one for each run file."""
    return folder / "runs"


def shelf_name(path: Path, overrides: Sequence[str | None]) -> str:
    """What the file is called of a run file that is read so."""
    return blake2b(told(path, overrides), digest_size=16).hexdigest()


def is_kept(path: Path, overrides: Sequence[str | None]) -> bool:
    """Whether something was kept of a run file that is read so, to be believed or not.

    Raises:
        OSError: The cache folder may not be looked into.
    """
    return (shelf_folder(cache_folder()) / shelf_name(path, overrides)).exists()


def told(path: Path, overrides: Sequence[str | None]) -> bytes:
    """A run file and how it is read, as bytes."""
    asked = repr(tuple(overrides)).encode("utf-8", "surrogatepass")
    return os.fsencode(path.absolute()) + asked
