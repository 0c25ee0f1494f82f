"""A viewer beside the training, as a process of its own."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from karn.notice import notice

_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A viewer that was started; killing it or the training leaves the other one running.

    Attributes:
        url: The address to open, with its token; None when the viewer did not start.
        process: The viewer's process; None when it is not installed.
    """

    url: str | None
    process: subprocess.Popen[bytes] | None

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the viewer, if it still runs. Training goes on, and so does its file."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_dashboard(
    path: str | os.PathLike[str],
    port: int | None = None,
    *,
    host: str | None = None,
    open_browser: bool = False,
    wait_s: float = 15.0,
) -> Dashboard:
    """Start `karn-view` on a run file or a folder of them, and print its address.

    The viewer only reads the file. It has a session of its own, so Ctrl-C in the terminal stops
    the training alone, and it stays when the training ends. Never raises: where the viewer is not
    installed or does not start, one line on standard error says so.

    Args:
        path: What to watch; it need not exist yet.
        port: The port to listen on; when None the viewer takes its usual one, or the next free.
        host: The address to listen on; when None this machine only.
        open_browser: Whether the viewer opens a browser.
        wait_s: How long to wait for the address.
    """
    if not importlib.util.find_spec("karn_view"):
        notice('no dashboard: the viewer is not installed; pip install "karn[view]"')
        return Dashboard(None, None)
    options = ["--open" if open_browser else "--no-open"]
    options += [] if port is None else ["--port", str(port)]
    options += [] if host is None else ["--host", host]
    watched = Path(path).absolute()
    with contextlib.suppress(OSError):  # the viewer waits for a file, but not for its folder
        watched.parent.mkdir(parents=True, exist_ok=True)
    return _started([str(watched), *options], wait_s)


def _started(arguments: Sequence[str], wait_s: float) -> Dashboard:
    # A file, not a pipe: the viewer may still print when nobody is there to read.
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "karn_view", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            notice(f"no dashboard: {error}")
            return Dashboard(None, None)
        _kept.append(process)
        url = _address(process, said, time.monotonic() + wait_s)
        if url:
            print(f"dashboard: {url}", flush=True)
        else:
            notice(f"no dashboard: {_last_line(said) or 'the viewer did not say its address'}")
        return Dashboard(url, process)


def _address(process: subprocess.Popen[bytes], said: IO[bytes], deadline: float) -> str | None:
    """Wait for the line `karn-view <version>  <url>  following <what>`; return its address."""
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        for line in _lines(said):
            words = line.split()
            if words[:1] == ["karn-view"] and "following" in words:
                return next((word for word in words if "://" in word), None)
        if ended:
            return None
        time.sleep(_LOOK_S)
    return None


def _lines(said: IO[bytes]) -> list[str]:
    """Return the whole lines so far. Read by offset: the position is shared with the viewer."""
    text = os.pread(said.fileno(), 2**16, 0).decode(errors="replace")
    return [line for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _last_line(said: IO[bytes]) -> str:
    return next((line.strip() for line in reversed(_lines(said)) if line.strip()), "")


# Popen objects of viewers that outlive their Dashboard, so that none complains about that.
_kept: list[subprocess.Popen[bytes]] = []
