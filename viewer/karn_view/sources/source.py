"""What `tail` asks of anything that holds the bytes of a run."""

from collections.abc import Hashable
from typing import Protocol, Self


class Source(Protocol):
    """An open file. Every method blocks and may raise `OSError`; reads may come from any thread."""

    @property
    def identity(self) -> Hashable:
        """Equal for two sources that were opened on the same file. A hint, never a proof."""
        ...

    def size(self) -> int:
        """Returns how many bytes there are now, as far as is known without reading them."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` bytes from `offset`, fewer only where the bytes end for now."""
        ...

    def renewed(self, fresh: Self) -> Self:
        """Returns which of two sources on the same file to go on with, and closes the other."""
        ...

    def twin(self) -> "Source":
        """Returns a second source for what was read of this one, which outlives it."""
        ...

    def close(self) -> None:
        """Gives the descriptor back. Closing twice is harmless."""
        ...
