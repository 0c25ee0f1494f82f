import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from karn_view.sources import StandardInput
from karn_view.tail import Committed, Tail

Eventually = Callable[..., None]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def told(path: Path) -> bytes:
    tail = Tail(path)
    data = b"".join(item.data for item in tail.poll() if isinstance(item, Committed))
    tail.close()
    return data


def test_who_comes_late_sees_it_all(pipe: tuple[int, int], eventually: Eventually) -> None:
    reading, writing = pipe
    spooled = StandardInput(reading)
    os.write(writing, b"one\ntwo\nto")
    eventually(lambda: told(spooled.path) == b"one\ntwo\n")
    os.write(writing, b"rn\n")
    os.close(writing)
    eventually(lambda: spooled.ended)
    assert told(spooled.path) == b"one\ntwo\ntorn\n"
    assert spooled.trouble == ""
    spooled.close()
    assert not spooled.path.exists()


def test_a_full_disk_is_told_of_and_does_not_hold_up_who_writes(
    pipe: tuple[int, int], eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    reading, writing = pipe
    spooled = StandardInput(reading)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, limit[1]))
    try:
        os.write(writing, b"x" * 6_000)
        eventually(lambda: spooled.trouble)
        for _ in range(40):
            os.write(writing, b"x" * 10_000)
        os.close(writing)
        eventually(lambda: spooled.ended)
        spooled.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert caplog.messages == ["the rest of standard input is not shown: File too large"]
    assert not spooled.path.exists()


def test_the_command_s_input_is_kept_while_it_runs_and_no_longer() -> None:
    program = """
import time
from karn_view.sources import spool_stdin
path = spool_stdin()
while path.read_bytes() != b"one line\\n":
    time.sleep(0.01)
print(path)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="one line\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert not Path(done.stdout.strip()).exists()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_it_is_kept_no_longer_either_when_a_signal_ends_the_command(ending: signal.Signals) -> None:
    program = """
import time
from karn_view.sources import spool_stdin
print(spool_stdin(), flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as command:
        assert command.stdout
        path = Path(command.stdout.readline().strip())
        assert path.exists()
        command.send_signal(ending)
        assert command.wait(timeout=30) == -ending
    assert not path.exists()
