import signal
import subprocess
import sys
from pathlib import Path

import pytest

WAITS = """
import sys, threading, time
from functools import partial
from pathlib import Path
from karn_view.ending import at_end
for path in map(Path, sys.argv[1:]):
    path.touch()
    at_end(partial(path.unlink, missing_ok=True))
print("there", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_all_is_closed_when_a_signal_ends_the_process(
    tmp_path: Path, ending: signal.Signals
) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    command = subprocess.Popen(
        [sys.executable, "-c", WAITS, *paths], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with command:
        assert command.stdout and command.stdout.readline() == b"there\n"
        assert all(path.exists() for path in paths)
        command.send_signal(ending)
        command.wait(10)
    assert command.returncode == -ending
    assert not any(path.exists() for path in paths)
