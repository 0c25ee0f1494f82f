"""One line to the person at the terminal."""

from __future__ import annotations

import sys


def notice(text: str) -> None:
    """Print one line on standard error. Never raises: standard error may be closed or full."""
    try:
        print(f"karn: {text}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        pass
