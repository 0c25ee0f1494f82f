"""Standard input kept in a file, so that it can be followed, read again and come to late."""

import logging
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from karn_view.ending import at_end

log = logging.getLogger(__name__)

BLOCK_BYTES = 1 << 16


def spool_stdin() -> Path:
    """Keeps standard input in a file from now on; returns its path. Called by the main thread.

    The file goes with the process, unless that is killed by SIGKILL.
    """
    spooled = StandardInput()
    at_end(spooled.close)
    return spooled.path


class StandardInput:
    """Copies a descriptor into a file of its own, from a thread, until it ends.

    Whoever writes into the pipe is never held up: when the file cannot take more, what comes is
    read all the same and thrown away.

    Attributes:
        path: The file, which grows.
        ended: Everything is in the file.
        trouble: Why what came later is not in the file, "" while all of it is.
    """

    def __init__(self, fd: int = 0) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="standard-input-", suffix=".jsonl")  # noqa: SIM115
        self.path = Path(self._file.name)
        self.ended = False
        self.trouble = ""
        self._fd = fd
        threading.Thread(target=self._copy, name="standard-input", daemon=True).start()

    def _copy(self) -> None:
        try:
            while block := os.read(self._fd, BLOCK_BYTES):
                self._keep(block)
        except OSError as error:
            self._tell(error)
        self.ended = True

    def _keep(self, block: bytes) -> None:
        if self.trouble:
            return
        try:
            self._file.write(block)
            self._file.flush()
        except OSError as error:
            self._tell(error)
        except ValueError:  # closed, as nobody looks any more
            self.trouble = "closed"

    def _tell(self, error: OSError) -> None:
        self.trouble = error.strerror or str(error)
        log.warning("the rest of standard input is not shown: %s", self.trouble)

    def close(self) -> None:
        """Removes the file. The thread reads on until the pipe ends, as a read has no recall."""
        with suppress(OSError):  # what a full disk did not take stays untold
            self._file.close()
