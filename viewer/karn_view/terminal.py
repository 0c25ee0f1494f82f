"""What a terminal is shown: safe text, and how far a long reading is."""

import shutil
import sys
import time

PROGRESS_EVERY_S = 0.1
_WIDTH = 30


def printable(text: str) -> str:
    """Text that cannot write to the terminal: control characters become U+FFFD."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


class Progress:
    """A bar on the terminal's last line while something takes long; nothing anywhere else.

    Args:
        name: What is read.
        size: How much there is to read, 0 when nobody knows.
    """

    def __init__(self, name: str, size: int) -> None:
        self.expect(size)
        self._name = printable(name)[:40]
        self._told_at = time.monotonic()
        self._is_shown = False

    def expect(self, size: int) -> None:
        """Another size than was thought: that of a compressed file is an estimate."""
        self._size = size if sys.stderr.isatty() else 0

    def show(self, done: int) -> None:
        """Tells now and then how much is read. Of a compressed file it may be more than all."""
        now = time.monotonic()
        if not self._size or now - self._told_at < PROGRESS_EVERY_S:
            return
        share = min(done / self._size, 1.0)
        bar = ("#" * round(_WIDTH * share)).ljust(_WIDTH, ".")
        line = f"[{bar}] {share:4.0%}  {self._name}"[: shutil.get_terminal_size().columns - 1]
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)
        self._told_at, self._is_shown = now, True

    def clear(self) -> None:
        """Leaves no trace on the terminal."""
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class Readings:
    """The bars of several readings by several threads, which take turns on the last line."""

    def __init__(self) -> None:
        self._bars: dict[str, Progress] = {}

    def show(self, name: str, size: int, done: int) -> None:
        """Tells how much of something is read."""
        bar = self._bars.setdefault(name, Progress(name, size))
        bar.expect(size)
        bar.show(done)

    def clear(self, name: str) -> None:
        """Something is read, or is read no more."""
        bar = self._bars.pop(name, None)
        if bar is not None:
            bar.clear()

    def close(self) -> None:
        """Leaves no trace on the terminal."""
        for name in list(self._bars):
            self.clear(name)
