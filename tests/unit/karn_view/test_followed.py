import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from karn_view import followed as module
from karn_view import rounds as rounds_module
from karn_view.followed import Followed
from karn_view.gate import Gate
from karn_view.generation import Generation
from karn_view.rounds import Rounds
from karn_view.run import Run
from karn_view.tail import Committed, NewGeneration, Skipped, Tail
from karn_view.watch import Watch

Eventually = Callable[..., None]


class Deaf(Watch):
    """Tells of nothing, as inotify does when its queue overflowed."""

    def add(self, path: Path, wake: Callable[[], None]) -> None:
        pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text('{"loss": 1}\n')
    return path


@pytest.fixture
def run(path: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A local run that nobody wakes and that has been read to its end."""
    monkeypatch.setattr(rounds_module, "ROUND_S", 0.05)
    rounds = Rounds()
    run = Run("id", "name", path, Tail(path))
    followed = Followed(run, lambda run: None, Deaf(), rounds)
    eventually(run.is_read)
    yield run
    followed.stop()
    rounds.close()
    eventually(lambda: f"follow-{run.id}" not in [each.name for each in threading.enumerate()])


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_a_line_whose_wake_up_was_lost_is_found_in_a_round(
    run: Run, path: Path, eventually: Eventually
) -> None:
    append(path, '{"loss": 2}\n')
    eventually(lambda: len(run.current.store) == 2, within_s=module.LOCAL_PASS_S / 2)


def test_late_lines_of_a_replaced_file_are_found_without_a_wake_up(
    run: Run, path: Path, eventually: Eventually
) -> None:
    first = run.current.id
    replaced = path.rename(path.with_name("old.jsonl"))
    path.write_text('{"loss": 3}\n')
    eventually(lambda: run.current.id != first)
    before = run.ends[first]
    append(replaced, '{"loss": 4}\n')
    eventually(lambda: run.ends[first] > before, within_s=module.LOCAL_PASS_S / 2)


def test_of_many_local_files_few_are_looked_at_in_the_same_moment(
    tmp_path: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_A_TIME", Gate(2, 60.0))
    begun, looked_at, may_end = list[str](), list[Path](), threading.Event()

    class Begun(Deaf):
        def add(self, path: Path, wake: Callable[[], None]) -> None:
            begun.append(path.name)

    class Held(Tail):
        def poll(self) -> Iterator[Committed | Skipped | NewGeneration]:
            looked_at.append(self.path)
            may_end.wait(timeout=10)
            yield from super().poll()

    paths = [tmp_path / f"{n}.jsonl" for n in range(8)]
    for path in paths:
        path.write_text('{"loss": 1}\n')
    rounds = Rounds()
    runs = [Run(path.stem, path.stem, path, Held(path)) for path in paths]
    followed = [Followed(run, lambda run: None, Begun(), rounds) for run in runs]
    eventually(lambda: len(begun) == len(paths))
    assert len(looked_at) <= 2
    may_end.set()
    eventually(lambda: all(run.is_read() for run in runs))
    for each in followed:
        each.stop()
    rounds.close()
    eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("follow-")])


def test_an_error_of_the_viewer_is_told_by_the_state_and_nobody_waits_for_what_is_not_read(
    path: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(Generation, "absorb_block", broken)
    run, rounds, noticed = Run("id", "name", path, Tail(path)), Rounds(), list[Run]()
    followed = Followed(run, noticed.append, Deaf(), rounds)
    eventually(lambda: run in noticed and run.is_read())
    words = "reading stopped by an error of the viewer: a mistake"
    assert words in run.judgement.reason
    followed.stop()
    rounds.close()
