"""The hazards of files through the whole product: what is in the file is what a page is given.

Every line has a number of its own. A page over WebSocket and a script over HTTP must both be given
each number once and in order, in the generation it was written in; no more and no less.
"""

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer, start_viewer
from visitor import Item, Link, Visitor

MIB = 1 << 20
REPEATS = int(os.environ.get("KARN_REPEATS", "1"))
"""Whether a race is lost depends on luck: `nox -s kill` tries each of them often."""


class Served:
    """A run file, a viewer that follows it and a page that looks at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.viewer = start_viewer(path)
        self.page = Visitor(self.viewer.run()["id"])
        self._next = 0

    def lines(self, count: int, width: int = 20) -> bytes:
        """So many lines that were never written before."""
        first, self._next = self._next, self._next + count
        pad = "x" * width
        return b"".join(
            b'{"n": %d, "pad": "%s"}\n' % (n, pad.encode()) for n in range(first, self._next)
        )

    def restart(self) -> None:
        self.viewer.kill()
        self.viewer.close()
        self.viewer = start_viewer(self.path)

    def given(self, items: list[Item]) -> list[int]:
        return [item["record"]["n"] for item in items if "record" in item]

    def paged(self) -> dict[str, list[Item]]:
        """Every generation that is at hand, by HTTP."""
        known = self.viewer.get(f"api/runs/{self.page.run}")["generations"]
        names = [generation["id"] for generation in known if generation["offset"]]
        return {name: self.viewer.events(self.page.run, f"{name}:0") for name in names}

    def expect(self, link: Link, *generations: range | list[int]) -> None:
        """Both ways give these numbers, one generation after the other, and nothing else."""
        wanted = [list(numbers) for numbers in generations]
        link.until(lambda: sum(map(len, self.page.lines.values())) >= sum(map(len, wanted)))
        link.rest()
        assert [self.given(items) for items in self.page.lines.values()] == wanted
        assert [self.given(items) for items in self.paged().values()] == wanted


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "run.jsonl")
    yield made
    made.viewer.close()


@pytest.fixture
def link(served: Served) -> Iterator[Link]:
    with served.page.open(served.viewer) as link:
        yield link


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


racing = pytest.mark.parametrize("attempt", range(REPEATS))
"""Marks a test whose outcome could depend on who comes first."""

# ---- torn and odd lines ------------------------------------------------------------------------


@racing
def test_a_torn_line_comes_once_it_is_completed(served: Served, link: Link, attempt: int) -> None:
    text = served.lines(3)
    append(served.path, text[:40])
    link.until(lambda: len(served.page.given) == 1)
    append(served.path, text[40:])
    served.expect(link, range(3))


def test_a_line_cut_inside_a_character_comes_whole(served: Served, link: Link) -> None:
    line = '{"n": 0, "note": "größer ∞ 𝛼"}\n'.encode()
    for place in range(len(line)):
        append(served.path, line[place : place + 1])
    served.expect(link, range(1))
    assert served.page.given[0]["record"]["note"] == "größer ∞ 𝛼"


def test_nul_bytes_are_skipped_once_a_line_follows_and_listed_as_a_fault(
    served: Served, link: Link
) -> None:
    append(served.path, served.lines(2) + bytes(4096))
    link.until(lambda: len(served.page.given) == 2)
    link.rest()
    append(served.path, served.lines(2))
    link.until(lambda: len(served.page.given) == 5)
    assert [item.get("fault") for item in served.page.given][2] == "4096 NUL bytes before a line"
    assert served.given(served.page.given) == [0, 1, 2, 3]
    (fault,) = served.viewer.events(served.page.run, type="fault")
    assert (fault["fault"], fault["type"]) == ("4096 NUL bytes before a line", "fault")
    assert len(served.viewer.events(served.page.run, type="metric")) == 4


def test_a_line_of_5_mb_is_a_line(served: Served, link: Link) -> None:
    append(served.path, served.lines(1) + served.lines(1, 5 * MIB) + served.lines(1))
    served.expect(link, range(3))


def test_a_line_of_200_mb_is_a_fault_with_its_size_and_is_never_held(
    served: Served, link: Link
) -> None:
    append(served.path, served.lines(1))
    link.until(lambda: served.page.given)
    before_kb = memory_kb(served.viewer)
    for _ in range(200):
        append(served.path, b"x" * MIB)
    append(served.path, b"\n" + served.lines(1))
    link.until(lambda: len(served.page.given) == 3)
    assert str(200 * MIB + 1) in served.page.given[1]["fault"]
    assert served.given(served.page.given) == [0, 1]
    assert memory_kb(served.viewer) - before_kb < 64 << 10
    assert served.viewer.run()["faults"] == 1


def memory_kb(viewer: Viewer) -> int:
    """The most that the process ever held."""
    status = Path(f"/proc/{viewer.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


ODD: dict[str, tuple[bytes, Any]] = {
    "CRLF": (b'{"n": 0}\r\n', {"n": 0}),
    "byte order mark": (b'\xef\xbb\xbf{"n": 0}\n', {"n": 0}),
    "empty lines": (b'\n\r\n  \n{"n": 0}\n\n', {"n": 0}),
    "huge integers": (
        b'{"n": 0, "seed": 18295924486325041799123456789}\n',
        {"n": 0, "seed": 18295924486325041799123456789},
    ),
    "bare NaN": (
        b'{"n": 0, "loss": NaN, "low": -Infinity}\n',
        {"n": 0, "loss": "NaN", "low": "-Infinity"},
    ),
    "duplicate keys": (b'{"n": 1, "n": 0}\n', {"n": 0}),
    "a lone surrogate": (b'{"n": 0, "note": "\\ud800"}\n', {"n": 0, "note": "?"}),
    "text": (b"Epoch 1 begins\n", {"text": "Epoch 1 begins"}),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_line_comes_as_what_it_means(served: Served, link: Link, kind: str) -> None:
    data, record = ODD[kind]
    append(served.path, data)
    link.until(lambda: served.page.given)
    link.rest()
    (item,) = served.page.given
    assert item["record"] == record
    assert served.viewer.events(served.page.run) == [item]
    assert served.viewer.run()["faults"] == 0


BROKEN = {
    "invalid UTF-8": (b'{"n": 0, "note": "\xff\xfe"}\n', "not UTF-8 at byte"),
    "a cut object": (b'{"n": 0, "loss": \n', "not JSON"),
    "deep nesting": (b'{"n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "nested too deeply"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_line_costs_itself_only_and_is_listed(
    served: Served, link: Link, kind: str
) -> None:
    data, reason = BROKEN[kind]
    first = served.lines(1)
    append(served.path, first + data + served.lines(1))
    link.until(lambda: len(served.page.given) == 3)
    fault = served.page.given[1]
    assert (fault["offset"], reason in fault["fault"]) == (len(first), True)
    assert served.given(served.page.given) == [0, 1]
    listed = served.viewer.get(f"api/runs/{served.page.run}/faults")
    assert [each["offset"] for each in listed["faults"]] == [len(first)]


# ---- truncated, rotated, replaced --------------------------------------------------------------


@racing
@pytest.mark.parametrize("count", [5, 10, 20], ids=["smaller", "same size", "larger"])
def test_truncated_and_rewritten(served: Served, link: Link, count: int, attempt: int) -> None:
    served._next = 100
    append(served.path, served.lines(10))
    link.until(lambda: len(served.page.given) == 10)
    served.path.write_bytes(served.lines(count))
    served.expect(link, range(100, 110), range(110, 110 + count))


@racing
def test_copytruncate_of_a_quiet_file(served: Served, link: Link, attempt: int) -> None:
    append(served.path, served.lines(50))
    link.until(lambda: len(served.page.given) == 50)
    shutil.copyfile(served.path, served.path.with_name("run.jsonl.1"))
    os.truncate(served.path, 0)
    append(served.path, served.lines(50))
    served.expect(link, range(50), range(50, 100))


@racing
def test_renamed_and_created_with_lines_unread_and_lines_to_come(
    served: Served, link: Link, attempt: int
) -> None:
    append(served.path, served.lines(10))
    link.until(lambda: len(served.page.given) == 10)
    append(served.path, served.lines(10))
    rotated = served.path.rename(served.path.with_name("run.jsonl.1"))
    append(served.path, served.lines(10))
    append(rotated, served.lines(10))
    append(served.path, served.lines(10))
    served.expect(link, [*range(20), *range(30, 40)], [*range(20, 30), *range(40, 50)])


@racing
def test_deleted_and_created_again(served: Served, link: Link, attempt: int) -> None:
    append(served.path, served.lines(200))
    link.until(lambda: len(served.page.given) == 200)
    served.path.unlink()
    append(served.path, served.lines(100))
    served.expect(link, range(200), range(200, 300))


def test_deleted_and_gone_it_keeps_what_was_read(
    served: Served, link: Link, eventually: Callable[..., None]
) -> None:
    append(served.path, served.lines(20))
    link.until(lambda: len(served.page.given) == 20)
    served.path.unlink()
    eventually(lambda: served.viewer.run()["absent"])
    assert "the file is gone from its place" in served.viewer.run()["reason"]
    served.expect(link, range(20))


@racing
def test_atomically_replaced_by_another_file(served: Served, link: Link, attempt: int) -> None:
    append(served.path, served.lines(50))
    link.until(lambda: len(served.page.given) == 50)
    aside = served.path.with_name("aside")
    append(aside, served.lines(60))
    aside.replace(served.path)
    served.expect(link, range(50), range(50, 110))


@racing
def test_replaced_by_a_longer_copy_of_itself(served: Served, link: Link, attempt: int) -> None:
    append(served.path, served.lines(50))
    link.until(lambda: len(served.page.given) == 50)
    aside = served.path.with_name("aside")
    append(aside, served.path.read_bytes() + served.lines(30))
    aside.replace(served.path)
    append(served.path, served.lines(5))
    served.expect(link, range(85))
    assert served.page.reasons == []


@racing
def test_a_switched_symlink(tmp_path: Path, attempt: int) -> None:
    one, two, path = tmp_path / "one", tmp_path / "two", tmp_path / "latest.jsonl"
    one.touch()
    path.symlink_to(one)
    served = Served(path)
    try:
        with served.page.open(served.viewer) as link:
            append(one, served.lines(20))
            link.until(lambda: len(served.page.given) == 20)
            append(two, served.lines(50))
            append(one, served.lines(10))
            (tmp_path / "next").symlink_to(two)
            (tmp_path / "next").replace(path)
            served.expect(link, [*range(20), *range(70, 80)], range(20, 70))
    finally:
        served.viewer.close()


@pytest.fixture
def nobody(tmp_path: Path) -> tuple[str, ...]:
    """Runs a viewer as another user, since root is refused nothing."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("a viewer of another user needs root and setpriv")
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o005:
            folder.chmod(folder.stat().st_mode | 0o055)
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_permission_lost_and_regained(
    tmp_path: Path, nobody: tuple[str, ...], eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    path.touch()
    viewer = start_viewer(path, prefix=nobody)
    page = Visitor(viewer.run()["id"])
    try:
        with page.open(viewer) as link:
            append(path, b'{"n": 0}\n')
            link.until(lambda: page.given)
            path.chmod(0)
            eventually(lambda: "Permission denied" in viewer.run()["trouble"])
            append(path, b'{"n": 1}\n')
            assert "Permission denied" in viewer.run()["reason"]
            path.chmod(0o644)
            append(path, b'{"n": 2}\n')
            link.until(lambda: len(page.given) == 3)
            assert [item["record"]["n"] for item in page.given] == [0, 1, 2]
            eventually(lambda: viewer.run()["trouble"] == "")
    finally:
        viewer.close()


def test_a_folder_that_may_not_be_listed_costs_no_other_run_its_wake_ups(
    tmp_path: Path, nobody: tuple[str, ...], eventually: Callable[..., None]
) -> None:
    path, hidden = tmp_path / "run.jsonl", tmp_path / "folder" / "run.jsonl"
    hidden.parent.mkdir()
    for run in (path, hidden):
        run.write_bytes(b'{"n": 0}\n')
    hidden.parent.chmod(0o711)
    viewer = start_viewer(path, hidden, prefix=nobody)
    try:
        for run in (path, hidden):
            append(run, b'{"n": 1}\n')
        eventually(lambda: [run["lines"] for run in viewer.get("api/runs")["runs"]] == [2, 2])
        assert [run["followed"]["by"] for run in viewer.get("api/runs")["runs"]] == ["inotify"] * 2
    finally:
        viewer.close()


# ---- the viewer is killed ----------------------------------------------------------------------


def test_killed_and_started_again_it_goes_on_where_the_page_stands(served: Served) -> None:
    append(served.path, served.lines(150))
    with served.page.open(served.viewer) as link:
        link.until(lambda: len(served.page.given) == 150)
    append(served.path, served.lines(50))
    served.restart()
    with served.page.open(served.viewer) as link:
        append(served.path, served.lines(50))
        served.expect(link, range(250))
    assert served.page.resets == 0


@pytest.mark.parametrize("compressed", [False, True], ids=["as it is", "compressed"])
def test_rotated_while_the_viewer_was_down(served: Served, compressed: bool) -> None:
    append(served.path, served.lines(20))
    with served.page.open(served.viewer) as link:
        link.until(lambda: len(served.page.given) == 20)
    served.viewer.kill()
    append(served.path, served.lines(20))
    rotated = served.path.rename(served.path.with_name("run.jsonl.1"))
    if compressed:
        rotated.with_name("run.jsonl.1.gz").write_bytes(gzip.compress(rotated.read_bytes()))
        rotated.unlink()
    append(served.path, served.lines(30))
    served.restart()
    with served.page.open(served.viewer) as link:
        served.expect(link, range(40), range(40, 70))
    assert served.page.resets == 0


def test_created_again_with_the_same_inode_while_the_viewer_was_down(served: Served) -> None:
    append(served.path, served.lines(100))
    with served.page.open(served.viewer) as link:
        link.until(lambda: len(served.page.given) == 100)
    served.viewer.kill()
    inode = served.path.stat().st_ino
    fresh = served.lines(100)
    for _ in range(50):
        served.path.unlink()
        append(served.path, fresh)
        if served.path.stat().st_ino == inode:
            break
    else:
        pytest.skip("this file system did not give the same inode again in 50 tries")
    served.restart()
    with served.page.open(served.viewer) as link:
        link.until(lambda: len(served.page.given) == 200)
        link.rest()
    assert [served.given(items) for items in served.page.lines.values()] == [
        list(range(100)),
        list(range(100, 200)),
    ]
    assert served.page.resets == 1


# ---- other sources -----------------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["gzip", "zstd"])
def test_a_finished_run_opens_compressed(tmp_path: Path, tool: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(b'{"n": %d}\n' % n for n in range(2_000)))
    if not shutil.which(tool):
        pytest.skip(f"no {tool} here")
    subprocess.run([tool, "-q", str(path)], check=True)
    (packed,) = (file for file in tmp_path.iterdir() if file.suffix in (".gz", ".zst"))
    viewer = start_viewer(packed)
    try:
        items = viewer.events(viewer.run()["id"])
        assert [item["record"]["n"] for item in items] == list(range(2_000))
    finally:
        viewer.close()


def test_a_page_that_comes_late_sees_all_of_standard_input() -> None:
    viewer = start_viewer("-", stdin=subprocess.PIPE)
    assert viewer.process.stdin
    try:
        for n in range(500):
            viewer.process.stdin.write(f'{{"n": {n}}}\n')
        viewer.process.stdin.flush()
        page = Visitor(viewer.run()["id"])
        with page.open(viewer) as link:
            link.until(lambda: len(page.given) == 500)
            viewer.process.stdin.write('{"n": 500}\n')
            viewer.process.stdin.close()
            link.until(lambda: len(page.given) == 501)
        assert [item["record"]["n"] for item in page.given] == list(range(501))
    finally:
        viewer.close()
