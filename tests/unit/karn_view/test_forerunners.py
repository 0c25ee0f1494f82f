import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from karn_view import forerunners
from karn_view.forerunners import Begun, begin_for, most, take

WITHIN_S = 20.0


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forerunners, "WORTH_BYTES", 10)
    monkeypatch.setattr(forerunners, "KEPT_S", WITHIN_S)


@pytest.fixture
def taken() -> Iterator[list[Begun]]:
    found: list[Begun] = []
    yield found
    for begun in found:
        begun.end()


def take_all(taken: list[Begun], count: int) -> None:
    until = time.monotonic() + WITHIN_S
    while len(taken) < count and time.monotonic() < until:
        if begun := take():
            taken.append(begun)
        else:
            time.sleep(0.01)


def test_a_large_file_has_as_many_begun_as_are_of_use(tmp_path: Path, taken: list[Begun]) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 11)
    begin_for([None, tmp_path, path])
    take_all(taken, most())
    assert len(taken) == most()
    assert all(begun.process.poll() is None for begun in taken)
    assert take() is None


def test_a_small_file_a_folder_and_nothing_have_none_begun(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 10)
    begin_for([None, tmp_path, path, tmp_path / "missing"]).join(WITHIN_S)
    assert take() is None


def test_those_that_nobody_takes_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Begun] = []
    begin = forerunners.begin

    def noted() -> Begun:
        begun.append(begin())
        return begun[-1]

    monkeypatch.setattr(forerunners, "begin", noted)
    monkeypatch.setattr(forerunners, "KEPT_S", 0.0)
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 11)
    begin_for([path]).join(WITHIN_S)
    assert len(begun) == most()
    assert all(each.process.returncode is not None for each in begun)


def test_whoever_serves_comes_before_them(taken: list[Begun]) -> None:
    taken.append(forerunners.begin())
    assert os.getpriority(os.PRIO_PROCESS, taken[0].process.pid) > os.getpriority(
        os.PRIO_PROCESS, 0
    )


def test_an_interrupt_of_the_viewer_is_not_theirs(taken: list[Begun]) -> None:
    taken.append(forerunners.begin())
    assert os.getpgid(taken[0].process.pid) != os.getpgid(0)
