"""Metrics in brief: what runs of one kind share is told once, the rest as columns. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from karn_view.server.encode import each, encode_json

SHARED = ("name", "unit", "chart", "section", "split", "rank", "family")


class Told(NamedTuple):
    """Some metrics; all of each unless they have a layout.

    Attributes:
        layout: Names and places, by an id of its own: the same for runs with the same metrics.
        message: The layout as a message.
        own: The rest, in the order of the layout.
    """

    layout: str = ""
    message: bytes = b""
    own: Any = ()


def in_brief(metrics: Sequence[Mapping[str, Any]]) -> Told:
    """Metrics as `describe.metrics` gives them, without the figures, which are asked for."""
    shared = each({key: metric[key] for key in SHARED} for metric in metrics)
    id = hashlib.blake2b(b"".join(map(bytes, shared)), digest_size=8).hexdigest()
    charted = [metric for metric in metrics if not metric["hidden"]]
    firsts = [metric["first_step"] for metric in charted if metric["first_step"] is not None]
    lasts = [metric["last_step"] for metric in charted if metric["last_step"] is not None]
    own = {
        "layout": id,
        "points": [metric["points"] for metric in metrics],
        "steps": [min(firsts), max(lasts)] if firsts and lasts else None,
        "hidden": [place for place, metric in enumerate(metrics) if metric["hidden"]],
        "constant": [place for place, metric in enumerate(metrics) if metric["constant"]],
    }
    return Told(id, encode_json({"type": "layout", "id": id, "metrics": shared}), own)
