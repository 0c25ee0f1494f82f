"""Names that can hold the position of training, and how good each is. Pure."""

import re
from functools import lru_cache
from typing import NamedTuple

from karn_view.formats.words import plain, split_of

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
    "epoch epochs dataepoch round",
    "episode episodes episodeidx episodenum generation trial frame game tokens samples examples "
    "images t i n x index number",
)
WEAK = "F"

_RANKS = {
    name: (letter, order)
    for letter, names in zip("ABCDEF", _CLASSES, strict=True)
    for order, name in enumerate(names.split())
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
    """

    name: str
    letter: str
    depth: int
    order: int
    bare: bool


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
    found = _ranked(last)
    if found is None or _is_timing(folders, *found[1]):
        return None
    bare_last, (letter, order) = found
    named = [folder for folder in folders if not split_of(folder)]
    bare = bare_last == last and len(named) == len(folders)
    return StepName("/".join([*named, bare_last]), letter, len(named), order, bare)


def _ranked(last: str) -> tuple[str, tuple[str, int]] | None:
    """The last segment as it is or without its split, with its rank."""
    for name in (last, _SPLIT_PREFIX.sub("", last)):
        if rank := _RANKS.get(plain(name)):
            return name, rank
    return None


def _is_timing(folders: list[str], letter: str, order: int) -> bool:
    """Whether ``time/step`` is a duration. ``time/total_timesteps`` and ``iterations`` are not."""
    iterations = _RANKS["iterations"]
    kept = letter == "B" or (letter, order) == iterations
    return not kept and any(_TIMING.match(folder) for folder in folders)
