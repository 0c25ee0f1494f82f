import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from karn_view import rounds as module
from karn_view.rounds import Rounds
from waking import Woken


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rounds]:
    monkeypatch.setattr(module, "ROUND_S", 0.01)
    rounds = Rounds()
    yield rounds
    rounds.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text("first\n")
    return path


@pytest.fixture
def woken(rounds: Rounds, path: Path) -> Woken:
    woken = Woken()
    assert woken.by(lambda: rounds.add(path, woken))
    return woken


def test_who_reads_a_longer_file_is_woken(path: Path, woken: Woken) -> None:
    def append() -> None:
        with path.open("a") as file:
            file.write("second\n")

    assert woken.by(append)


def test_who_reads_a_file_that_goes_and_comes_is_woken(path: Path, woken: Woken) -> None:
    assert woken.by(path.unlink)
    assert woken.by(lambda: path.write_text("again\n"))


def test_who_reads_a_replaced_file_is_woken(path: Path, woken: Woken, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("other\n")
    assert woken.by(lambda: os.replace(other, path))


def test_who_may_read_it_from_now_on_is_woken(path: Path, woken: Woken) -> None:
    assert woken.by(lambda: path.chmod(0o600))


def test_nobody_is_woken_by_a_file_that_stays(
    path: Path, woken: Woken, rounds: Rounds, tmp_path: Path
) -> None:
    woken.event.clear()
    other = Woken()
    assert other.by(lambda: rounds.add(tmp_path / "other", other))
    assert other.by((tmp_path / "other").touch)  # rounds went by in between
    assert not woken.event.is_set()


def test_who_was_removed_is_left_alone(path: Path, woken: Woken, rounds: Rounds) -> None:
    rounds.remove(woken)
    other = Woken()
    assert other.by(lambda: rounds.add(path, other))
    woken.event.clear()
    assert other.by(lambda: path.write_text("more\n"))
    assert not woken.event.is_set()
