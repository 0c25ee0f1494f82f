"""Which runs are pieces of one training, each begun after the other had ended. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

Info = Mapping[str, Any]


def continued(infos: Iterable[Info], part_of: Mapping[str, str]) -> dict[str, str]:
    """For each run that goes on with another one the id of that one.

    The sign is what `FileOutput` wrote: the same run id, or the same file that was asked for. Runs
    of which any two were there at a time are processes side by side and no pieces.

    Args:
        infos: Runs as `describe` gives them.
        part_of: For the parts among them, the id of the run that each is a part of.
    """
    found: dict[str, str] = {}
    for pieces in _groups(infos, part_of):
        pieces.sort(key=lambda info: info["first_record_at"])
        if all(
            before["last_record_at"] <= info["first_record_at"] for before, info in pairwise(pieces)
        ):
            found |= {info["id"]: before["id"] for before, info in pairwise(pieces)}
    return found


def _groups(infos: Iterable[Info], part_of: Mapping[str, str]) -> Iterator[list[Info]]:
    """Runs of one sign, each of them timed; a run is taken by the first sign that has others."""
    by_run: dict[str, list[Info]] = defaultdict(list)
    by_file: dict[str, list[Info]] = defaultdict(list)
    for info in infos:
        if info["first_record_at"] is None or info["last_record_at"] is None:
            continue
        by_file[part_of.get(info["id"], info["id"])].append(info)
        if info["run_id"]:
            by_run[info["run_id"]].append(info)
    taken: set[str] = set()
    for group in (*by_run.values(), *by_file.values()):
        left = [info for info in group if info["id"] not in taken]
        if len(left) > 1:
            taken.update(info["id"] for info in left)
            yield left
