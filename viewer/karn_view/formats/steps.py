"""Names that can hold the position of training, and how good each is. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from karn_view.formats.words import TOTALS, names, plain, split_of

# Six classes, best first; names best first. `kimg` and `tick` stand together because StyleGAN
# writes both, and only kimg is comparable between runs. The last class holds names that mean a
# position in one file and something measured in the next.
_CLASSES = (
    "step globalstep trainstep optimizerstep currentstep currentsteps steps globalsteps trainsteps",
    "totaltimesteps timestepstotal numenvstepssampledlifetime envsteps numtimesteps totalenvsteps "
    "timesteps timestep frames totalframes envstep framenumber globalframe",
    "iteration iter it numupdates trainingiteration update updates nupdates iterations batch "
    "batchidx batchindex globaliter",
    "kimg tick samplesseen tokensseen totaltokens totalsamples seentokens consumedsamples "
    "consumedtokens numtokens",
    "epoch epochs epochnum epochidx dataepoch round",
    "episode episodes episodeidx episodenum generation gen trial frame game tokens samples "
    "examples images t i n x index number",
)
WEAK = "F"

# What is counted, and the class of a count of it that has no name above. Where two are named the
# last class says it all: a "global_sample_step" counts samples.
_UNITS = {
    **dict.fromkeys(("step", "timestep"), "A"),
    **dict.fromkeys(("env", "environment", "agent", "frame", "transition", "interaction"), "B"),
    **dict.fromkeys(("iter", "iteration", "batch", "minibatch", "update"), "C"),
    **dict.fromkeys(("sample", "example", "token", "image", "sequence", "record"), "D"),
    **dict.fromkeys(("epoch", "round"), "E"),
}
_COUNTED = names(
    "num no nb idx index number count counter total lifetime seen sampled trained processed "
    "consumed collected taken done so far"
)
# Beside these a unit is what something is measured in or by, or whatever went wrong.
_MEASURES = names(
    "per this every each last of in max min mean avg average median std sum time loss "
    "skipped failed dropped nan"
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_RANKS = {
    name: (letter, order)
    for letter, members in zip("ABCDEF", _CLASSES, strict=True)
    for order, name in enumerate(members.split())
}
_OPAQUE = re.compile(r"^(?:global_)?(step|iter|iteration|epoch)s?/(?:max|total|num)", re.I)
_TIMING = re.compile(r"^(?:time|timing.*|timer|perf|speed|throughput)$", re.I)
_SPLIT_PREFIX = re.compile(r"^(train|valid|val|eval|test)[_\-. ]", re.I)


class StepName(NamedTuple):
    """A possible axis.

    Attributes:
        name: The key without the split it may wear: ``num_updates`` for ``valid_num_updates``.
        letter: Its class: A step, B environment, C iteration, D work, E epoch, F weak.
        depth: How many named objects it lies in.
        order: Its place within the class.
        bare: Whether the key wears no split.
        is_guess: Whether only what it counts is known: it is measured, unless it grows.
    """

    name: str
    letter: str
    depth: int
    order: int
    bare: bool
    is_guess: bool = False

    @property
    def group(self) -> str:
        """Sorts classes, the best first: guesses come after what is known to count progress."""
        return max("D", self.letter) + self.letter if self.is_guess else self.letter

    @property
    def may_measure(self) -> bool:
        """Whether its values alone tell if it is a position or something measured."""
        return self.is_guess or self.letter == WEAK


def is_opaque(key: str) -> bool:
    """Whether the "/" in a key is no path: "global_step/max_steps", "train_speed(s/it)"."""
    return "(" in key or "[" in key or _OPAQUE.match(key) is not None


@lru_cache(maxsize=16384)
def step_name(path: str) -> StepName | None:
    """What the metric at ``path`` would be as an axis, or None when its name rules it out."""
    if match := _OPAQUE.match(path):
        letter = {"s": "A", "i": "C", "e": "E"}[match[1][0].lower()]
        return StepName(path, letter, 0, len(_CLASSES[0]), True)
    *folders, last = path.split("/")
    known = _ranked(last)
    found = known if known or is_opaque(path) else _guessed(last)
    if found is None or _is_timing(folders, *found[1]):
        return None
    bare_last, (letter, order) = found
    named = [folder for folder in folders if not split_of(folder)]
    bare = bare_last == last and len(named) == len(folders)
    name = "/".join([*named, bare_last])
    return StepName(name, letter, len(named), order, bare, is_guess=known is None)


@lru_cache(maxsize=1024)
def counter_name(path: str) -> StepName | None:
    """What a total is as an axis while it grows: a writer may mean all that were done so far."""
    *folders, last = path.split("/")
    if not plain(last).startswith("total") or (found := _counted(last)) is None:
        return None
    name, (letter, order) = found
    return StepName(path, letter, len(folders), order, name == last, True)


def _ranked(last: str) -> tuple[str, tuple[str, int]] | None:
    """The last segment as it is or without its split, with its rank."""
    for name in (last, _SPLIT_PREFIX.sub("", last)):
        if rank := _RANKS.get(plain(name)):
            return name, rank
    return None


def _guessed(last: str) -> tuple[str, tuple[str, int]] | None:
    """The last segment without its split, if it ends in what is counted: ``collected_frames``."""
    return None if plain(last) in TOTALS else _counted(last)


def _counted(last: str) -> tuple[str, tuple[str, int]] | None:
    name = _SPLIT_PREFIX.sub("", last)
    parts = [part.lower() for part in _WORDS.findall(name)]
    while parts and parts[-1] in _COUNTED:
        parts.pop()
    units = [unit for part in parts if (unit := _unit(part))]
    if not units or not _unit(parts[-1]) or not _MEASURES.isdisjoint(parts):
        return None
    return name, (max(units), len(_CLASSES[0]))


def _unit(word: str) -> str | None:
    plurals = (word, word.removesuffix("s"), word.removesuffix("es"))
    return next((_UNITS[one] for one in plurals if one in _UNITS), None)


def _is_timing(folders: list[str], letter: str, order: int) -> bool:
    """Whether ``time/step`` is a duration. ``time/total_timesteps`` and ``iterations`` are not."""
    iterations = _RANKS["iterations"]
    kept = letter == "B" or (letter, order) == iterations
    return not kept and any(_TIMING.match(folder) for folder in folders)
