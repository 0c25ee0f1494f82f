"""Following a path: what its file says as it grows, is rotated, rewritten or replaced.

The way of a byte: `scan` finds where whole lines end, `stream` commits them to a generation,
`tail` decides which generation that is. `prefix` recognizes a file by its content; `ledger` reads
committed bytes again; with a `bookmark` a later viewer goes on where this one stood.
"""

from karn_view.tail.bookmark import Bookmark
from karn_view.tail.chunks import Committed, NewGeneration, Skipped
from karn_view.tail.limits import Limits
from karn_view.tail.tail import Tail

__all__ = ["Bookmark", "Committed", "Limits", "NewGeneration", "Skipped", "Tail"]
