"""Where the content of a path may be after its file was rotated away."""

from pathlib import Path

LOOKED_AT_MOST = 20


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
