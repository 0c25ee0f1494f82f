"""Charts of the same measure for each of several things of a kind: heads, layers, actions. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

MEMBERS_LEAST = 3
MEASURES_LEAST = 2

_KINDS = "env|rank|worker|gpu|device|seed|agent|group|class|head|fold|layer|block|expert|task"
_KIND = re.compile(rf"(?:{_KINDS})s?", re.I)
_PREFIX = re.compile(rf"(?:{_KINDS})_(?=.)", re.I)
_PARAMETER = re.compile(r".+\.(?:weight|bias)(?:_\w+)?")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")


class Member(NamedTuple):
    """What a chart is one of.

    Attributes:
        chart: The chart that all of the same measure could share.
        label: What tells it from the others there.
        family: What it is filed under, with all measures of its kind.
    """

    chart: str
    label: str
    family: str


def families(charts: Iterable[str]) -> dict[str, Member]:
    """The charts that are one of several, told by names alone.

    The signs: a folder that holds nothing but names of parameters (``fc1.weight``) or of constants
    (``WAIT``), and in a folder or behind a prefix that names a kind (``head/``, ``head_``) names
    of which at least three things and two measures can be told apart, such as ``slot_entropy``.
    """
    folders: dict[str, list[str]] = defaultdict(list)
    for chart in charts:
        folder, _, last = chart.rpartition("/")
        if folder:
            folders[folder].append(last)
    found: dict[str, Member] = {}
    for folder, names in folders.items():
        if len(names) >= MEMBERS_LEAST:
            for name, member in _in_folder(folder, names):
                found[f"{folder}/{name}"] = member
    return found


def _in_folder(folder: str, names: Collection[str]) -> Iterator[tuple[str, Member]]:
    if any(all(map(kind.fullmatch, names)) for kind in (_PARAMETER, _CONSTANT)):
        yield from ((name, Member(folder, name, folder)) for name in names)
        return
    if _KIND.fullmatch(folder.rpartition("/")[2]):
        prefixed = {"": {name: name for name in names}}
    else:
        prefixed = defaultdict(dict)
        for name in names:
            if kind := _PREFIX.match(name):
                prefixed[kind[0]][name] = name[kind.end() :]
    for prefix, stems in prefixed.items():
        measures = _measures(stems.values())
        for name, stem in stems.items():
            for thing, measure in _splits(stem):  # the longest measure comes first
                if measure in measures:
                    family = f"{folder}/{prefix.rstrip('_')}".rstrip("/")
                    yield name, Member(f"{folder}/{prefix}{measure}", thing, family)
                    break


def _measures(stems: Iterable[str]) -> set[str]:
    """Ends of names that enough things have which have other ends as well."""
    things: Mapping[str, set[str]] = defaultdict(set)
    ends: Mapping[str, set[str]] = defaultdict(set)
    for stem in stems:
        for thing, measure in _splits(stem):
            things[measure].add(thing)
            ends[thing].add(measure)
    common = {measure for measure, having in things.items() if len(having) >= MEMBERS_LEAST}
    whole = {thing for thing, having in ends.items() if len(having & common) >= MEASURES_LEAST}
    return {measure for measure in common if len(things[measure] & whole) >= MEMBERS_LEAST}


def _splits(stem: str) -> Iterator[tuple[str, str]]:
    """Every way to take a name for a thing and its measure, the shortest thing first."""
    words = stem.split("_")
    for at in range(1, len(words)):
        yield "_".join(words[:at]), "_".join(words[at:])
