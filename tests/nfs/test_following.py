"""A viewer on one NFS client follows what another client, or the server itself, writes."""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer, received_records
from websockets.sync.client import ClientConnection

from .conftest import Eventually, Measured, Serve, Share

PACED_LINES = 60
PACE_S = 0.25
QUIET_S = 1.5
LATE_LINES = 8
LATE_EVERY_S = 0.5
BURSTS = 20
BURST_LINES = 2_000


def line(number: int) -> str:
    return json.dumps({"n": f"{number:06}", "pad": "x" * 60}) + "\n"


def append(path: Path, numbers: range) -> None:
    """Write numbered lines and close the file, after which every client may see them."""
    with path.open("a") as file:
        file.writelines(map(line, numbers))


def numbers(items: list[dict[str, Any]]) -> list[int]:
    return [int(item["record"]["n"]) for item in items]


@dataclass
class Watched:
    """`run.jsonl` of a share, and a socket to the viewer that follows it from one client."""

    share: Share
    viewer: Viewer
    socket: ClientConnection

    @property
    def served(self) -> Path:
        return self.share.served / "run.jsonl"

    def expect(self, expected: range) -> None:
        """These lines come, in this order, and within three more looks nothing else."""
        assert numbers(received_records(self.socket, len(expected))) == list(expected)
        with pytest.raises(TimeoutError):
            self.expect_silence(QUIET_S)

    def expect_silence(self, for_s: float) -> None:
        """No line comes until a `TimeoutError` ends the waiting."""
        deadline = time.monotonic() + for_s
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            message = json.loads(self.socket.recv(timeout=left_s))
            assert not message.get("records"), message

    def expect_in_file(self, expected: range) -> None:
        """The same by paging through the current generation."""
        assert numbers(self.viewer.events(self.viewer.run()["id"])) == list(expected)


@pytest.fixture
def watched(share: Share, serve: Serve) -> Iterator[Watched]:
    """A run that begins with two lines, which were seen."""
    append(share.served / "run.jsonl", range(2))
    viewer = serve(share.here / "run.jsonl")
    with viewer.connected(wants=["events"]) as socket:
        assert numbers(received_records(socket, 2)) == [0, 1]
        yield Watched(share, viewer, socket)


@pytest.mark.parametrize("writer", ["there", "served"])
def test_each_line_comes_once_by_polling(watched: Watched, writer: str, measured: Measured) -> None:
    path: Path = getattr(watched.share, writer) / "run.jsonl"
    written_at: dict[int, float] = {}
    seen_at: dict[int, float] = {}
    expected = range(2, 2 + PACED_LINES)

    def write() -> None:
        for number in expected:
            append(path, range(number, number + 1))
            written_at[number] = time.monotonic()
            time.sleep(PACE_S)

    writing = threading.Thread(target=write)
    writing.start()
    items: list[dict[str, Any]] = []
    while len(items) < PACED_LINES:
        came = received_records(watched.socket, 1)
        seen_at |= dict.fromkeys(numbers(came), time.monotonic())
        items += came
    writing.join()
    assert numbers(items) == list(expected)
    watched.expect_in_file(range(2 + PACED_LINES))
    followed = watched.viewer.run()["followed"]
    assert followed["by"] == "polling"
    assert followed["why"].startswith("nfs")
    by = {"there": "another client", "served": "the server itself"}[writer]
    lags_s = sorted(seen_at[number] - written_at[number] for number in expected)
    measured(
        f"v{watched.share.version:3} lines of {by:17}: seen after"
        f" {statistics.median(lags_s):.2f} s (median), {lags_s[-1]:.2f} s (longest)"
    )


def test_a_burst_comes_whole(watched: Watched) -> None:
    with (watched.share.there / "run.jsonl").open("a") as file:
        for burst in range(BURSTS):
            first = 2 + burst * BURST_LINES
            file.writelines(map(line, range(first, first + BURST_LINES)))
            if burst % 3 == 0:
                os.fsync(file.fileno())
    watched.expect(range(2, 2 + BURSTS * BURST_LINES))
    watched.expect_in_file(range(2 + BURSTS * BURST_LINES))


def test_a_torn_line_comes_when_it_is_complete(watched: Watched) -> None:
    whole = line(2)
    with (watched.share.there / "run.jsonl").open("a") as file:
        file.write(whole[:30])
    watched.expect(range(0))
    with (watched.share.there / "run.jsonl").open("a") as file:
        file.write(whole[30:])
    watched.expect(range(2, 3))


def test_a_file_rotated_on_the_server_is_followed_by_the_next(watched: Watched) -> None:
    watched.served.rename(watched.served.with_name("run.jsonl.1"))
    append(watched.served, range(2, 5))
    watched.expect(range(2, 5))
    watched.expect_in_file(range(2, 5))


def test_lines_that_come_late_into_a_rotated_file_are_seen(watched: Watched) -> None:
    with watched.served.open("a", buffering=1) as late:
        watched.served.rename(watched.served.with_name("run.jsonl.1"))
        append(watched.served, range(100, 102))
        for number in range(2, 2 + LATE_LINES):
            late.write(line(number))
            time.sleep(LATE_EVERY_S)
    came = numbers(received_records(watched.socket, LATE_LINES + 2))
    assert [n for n in came if n < 100] == list(range(2, 2 + LATE_LINES))
    assert [n for n in came if n >= 100] == [100, 101]


def test_a_file_replaced_on_the_server_is_a_new_generation(watched: Watched) -> None:
    other = watched.served.with_name("other")
    append(other, range(2, 5))
    other.replace(watched.served)
    watched.expect(range(2, 5))
    watched.expect_in_file(range(2, 5))


def test_a_longer_copy_put_in_place_goes_on(watched: Watched) -> None:
    copy = watched.served.with_name("copy")
    append(copy, range(5))
    copy.replace(watched.served)
    watched.expect(range(2, 5))
    watched.expect_in_file(range(5))


@pytest.mark.parametrize("count", [1, 2, 5], ids=["shorter", "as long", "longer"])
def test_a_file_rewritten_on_the_server_is_read_anew(watched: Watched, count: int) -> None:
    watched.served.write_text("".join(map(line, range(10, 10 + count))))
    watched.expect(range(10, 10 + count))
    watched.expect_in_file(range(10, 10 + count))


def test_a_file_deleted_on_the_server_is_waited_for(
    watched: Watched, eventually: Eventually
) -> None:
    watched.served.unlink()
    eventually(lambda: watched.viewer.run()["absent"])
    watched.expect(range(0))
    append(watched.served, range(2, 5))
    watched.expect(range(2, 5))
    watched.expect_in_file(range(2, 5))
    assert (watched.viewer.run()["absent"], watched.viewer.run()["trouble"]) == (False, "")


def test_runs_of_a_folder_come_and_go(
    share: Share, serve: Serve, eventually: Eventually, measured: Measured
) -> None:
    append(share.served / "first.jsonl", range(2))
    viewer = serve(share.here)

    def names() -> set[str]:
        return {run["name"] for run in viewer.get("api/runs")["runs"]}

    def after_s(change: Callable[[], object], expected: set[str]) -> float:
        begin = time.monotonic()
        change()
        eventually(lambda: names() == expected, within_s=60)
        return time.monotonic() - begin

    eventually(lambda: names() == {"first"})
    second = share.served / "second.jsonl"
    came_s = after_s(lambda: append(second, range(2)), {"first", "second"})
    went_s = after_s(second.unlink, {"first"})
    measured(
        f"v{share.version:3} a run of a folder: listed {came_s:.1f} s, gone {went_s:.1f} s later"
    )
