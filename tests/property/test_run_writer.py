"""A run file under scripted faults: what is not in the file is accounted for in the file."""

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import readable, seqs_said_lost

from karn import run_writer
from karn.encode import encode
from karn.run_writer import RunWriter

EVENTS = 30
ERRORS = [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ESTALE, errno.EFBIG]

# What each os.write does: write all (None), or write some bytes; and then fail, or not.
writes = st.lists(
    st.none() | st.tuples(st.integers(0, 400), st.none() | st.sampled_from(ERRORS)), max_size=60
)
waits_s = st.lists(st.sampled_from([0.0, 0.05, 1.0, 20.0]), min_size=EVENTS, max_size=EVENTS)


def scripted(script: list[tuple[int, int | None] | None]) -> Callable[[int, bytes], int]:
    """An `os.write` that follows the script, and works when the script is over."""
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        step = script.pop(0) if script else None
        if step is None:
            return real(descriptor, data)
        count, error = step
        written = real(descriptor, data[:count]) if count else 0
        if error is not None and count == 0:
            raise OSError(error, os.strerror(error))
        if error is not None:
            script.insert(0, (0, error))  # the rest of a short write fails
        return written

    return write


@given(writes, waits_s)
def test_lines_in_the_file_and_lines_said_lost_are_all_lines(
    script: list[tuple[int, int | None] | None], waits: list[float]
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        clock = [0.0]
        writer = RunWriter(Path(folder) / "run.jsonl", None, 0.0, parent=None)
        writer.open()
        patch.setattr(os, "write", scripted(script))
        patch.setattr(time, "monotonic", lambda: clock[0])
        patch.setattr(run_writer, "notice", lambda text: None)
        for number, wait_s in enumerate(waits):
            clock[0] += wait_s
            writer.put(encode({"number": number}))
        script.clear()
        writer.close(None)
        writer.release()
        found, _ = readable(writer.path)

    kept = [record["seq"] for record in found]
    lost = seqs_said_lost(found)
    assert sorted(kept + lost) == list(range(kept[-1] + 1))
    assert kept == sorted(kept)
    assert found[-1]["event_type"] == "RUN_CLOSED"
    assert found[-1]["data"]["dropped"] == writer.dropped == len(lost)
    assert sum("number" in record for record in found) + len(lost) == EVENTS
