"""Where the content of a path may be after its file was rotated away."""

import re
from pathlib import Path

LOOKED_AT_MOST = 20
_NUMBERED = re.compile(r"[.-][\d._T:-]*\d(\.\w+)?")


def rotated(path: Path) -> list[Path]:
    """Lists the files beside `path` whose names go on where its name ends, the youngest first.

    So do `run.jsonl.1`, `run.jsonl-20240601` and `run.jsonl.2.gz`. Raises `OSError`.
    """
    beside = [
        (other.stat().st_mtime_ns, other)
        for other in path.parent.iterdir()
        if other.name.startswith((f"{path.name}.", f"{path.name}-")) and other.is_file()
    ]
    return [other for _, other in sorted(beside, reverse=True)[:LOOKED_AT_MOST]]


def is_numbered(rotated: Path, path: Path) -> bool:
    """Whether the name goes on with a number or a date, as rotation gives and nobody else does."""
    return _NUMBERED.fullmatch(rotated.name.removeprefix(path.name)) is not None
