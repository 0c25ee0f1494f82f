from pathlib import Path

import pytest
from karn_view import run as module
from karn_view.cursor import START, Cursor
from karn_view.follow import Follower
from karn_view.pages import Wanted, read_page
from karn_view.run import GENERATIONS_KNOWN, GONE_S, Run
from karn_view.tail import Tail


def read(run: Run) -> None:
    for _ in run.advance():
        pass


def test_a_file_that_is_rewritten_for_ever_does_not_make_a_run_grow(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"n": -1}\n')
    run = Run("id", "name", path, Tail(path))
    read(run)
    follower = Follower(run, START)
    seen = []
    for n in range(3 * GENERATIONS_KNOWN):
        path.write_text(f'{{"n": {n}}}\n')
        read(run)
        while follower.owed():
            page = follower.read(10)
            seen += [item["offset"] for item in page.items]
            follower.saw(page)
    assert len(run.ends) == len(run.reasons) == GENERATIONS_KNOWN
    assert len(seen) == 3 * GENERATIONS_KNOWN + 1
    run.close()


def test_a_run_is_read_once_a_pass_came_to_its_end(tmp_path: Path) -> None:
    run = Run("id", "name", tmp_path / "missing.jsonl", Tail(tmp_path / "missing.jsonl"))
    assert not run.is_read()
    read(run)
    assert run.is_read()
    assert (run.absent, run.hang, run.judgement.state) == (True, "", "waiting")


def test_a_place_that_was_not_read_yet_is_kept_and_not_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PASS_S", 0.05)
    path = tmp_path / "run.jsonl"
    path.write_text('{"n": 0}\n' * 10)
    earlier = Run("id", "name", path, Tail(path))
    read(earlier)
    place = earlier.cursor
    run = Run("id", "name", path, Tail(path))
    page = read_page(run, place, Wanted())
    assert (page.cursor, page.items, page.reset) == (place, [], False)
    read(run)
    with path.open("a") as file:
        file.write('{"n": 1}\n')
    read(run)
    page = read_page(run, place, Wanted())
    assert ([item["offset"] for item in page.items], page.reset) == ([place.offset], False)
    assert read_page(run, Cursor("another", 9), Wanted()).reset
    earlier.close()
    run.close()


def test_a_state_turns_by_the_clock_alone(tmp_path: Path) -> None:
    path, now = tmp_path / "run.jsonl", 1_700_000_000.0
    path.write_text('{"loss": 1, "time": 1700000000.0}\n')
    run = Run("id", "name", path, Tail(path), clock=lambda: now)
    read(run)
    assert (run.judgement.state, run.look_at_the_clock()) == ("live", False)
    now += 3_600.0
    assert run.look_at_the_clock()
    assert run.judgement.state == "quiet"
    run.close()


def test_the_reason_tells_the_silence_of_now(tmp_path: Path) -> None:
    path, now = tmp_path / "run.jsonl", 1_700_003_600.0
    path.write_text('{"loss": 1, "time": 1700000000.0}\n')
    run = Run("id", "name", path, Tail(path), clock=lambda: now)
    read(run)
    assert "no line for 1 h;" in run.judgement.reason
    now += 60.0
    assert not run.look_at_the_clock()
    assert "no line for 1 h 1 min;" in run.judgement.reason
    now += 3_600.0
    assert run.look_at_the_clock()
    run.close()


def test_only_of_a_run_whose_process_may_end_is_that_asked_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def is_process_alive() -> bool:
        nonlocal asked
        asked += 1
        return True

    path = tmp_path / "run.jsonl"
    path.write_text('{"event_type": "RUN_OPENED", "data": {"pid": 1}}\n')
    run = Run("id", "name", path, Tail(path))
    monkeypatch.setattr(run, "is_process_alive", is_process_alive)
    read(run)
    before = asked
    run.look_at_the_clock()
    assert asked > before
    with path.open("a") as file:
        file.write('{"event_type": "RUN_CLOSED", "data": {"status": "finished"}}\n')
    read(run)
    before = asked
    run.look_at_the_clock()
    assert (asked, run.judgement.state) == (before, "finished")
    run.close()


def test_a_process_that_is_gone_may_have_written_more_than_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, now = tmp_path / "run.jsonl", 1_700_000_000.0
    path.write_text('{"event_type": "RUN_OPENED", "data": {"pid": 1}}\n')
    run = Run("id", "name", path, Tail(path), clock=lambda: now)
    read(run)
    monkeypatch.setattr(run, "is_process_alive", lambda: False)
    with path.open("a") as file:
        file.write('{"event_type": "EPOCH_COMPLETED", "epoch": 2}\n')
    read(run)
    assert (run.look_at_the_clock(), run.judgement.state) == (False, "live")
    now += GONE_S
    assert (run.look_at_the_clock(), run.judgement.state) == (True, "lost")
    run.close()
