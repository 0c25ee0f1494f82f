import gc
import json
import os
import resource
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from karn_view import library as module
from karn_view.errors import TooManyRuns, UnknownRun
from karn_view.formats.rows import Overrides
from karn_view.library import Entry, Library, id_of

Eventually = Callable[..., None]
Opening = Callable[..., Library]


@pytest.fixture
def opened() -> Iterator[Opening]:
    """Open a library of these paths; it ends with the test."""
    libraries: list[Library] = []

    def open_library(*paths: Path) -> Library:
        made = Library(paths, overrides=Overrides(), notice=lambda _: None, listed=lambda: None)
        libraries.append(made)
        return made

    yield open_library
    for made in libraries:
        made.close()
    deadline = time.monotonic() + 10.0
    while [t for t in threading.enumerate() if t.name.startswith(("follow", "folder", "clock"))]:
        assert time.monotonic() < deadline, "threads outlive their library"
        time.sleep(0.01)


def put(path: Path, lines: int = 3, age_s: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"step": n, "loss": 0.5}) + "\n" for n in range(lines)))
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def named(library: Library) -> dict[str, dict[str, Any]]:
    return {info["name"]: info for info in library.describe()}


def test_a_folder_of_few_runs_is_followed_whole(
    tmp_path: Path, opened: Opening, eventually: Eventually
) -> None:
    put(tmp_path / "a.jsonl", 3)
    put(tmp_path / "deep/b.jsonl", 5)
    library = opened(tmp_path)
    eventually(
        lambda: (
            {name: info["lines"] for name, info in named(library).items()} == {"a": 3, "deep/b": 5}
        )
    )
    assert len(library) == len(library.runs) == 2


def test_of_many_runs_the_youngest_are_followed_and_the_others_glanced_at(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 2)
    for n in range(6):
        put(tmp_path / f"{n}.jsonl", 1_000, age_s=n)
    library = opened(tmp_path)
    eventually(lambda: "not read yet" not in str([*library.describe()]))
    eventually(
        lambda: (
            [named(library)[str(n)]["lines"] for n in range(6)]
            == [1_000, 1_000, None, None, None, None]
        )
    )
    assert len(library) == 6


def put_many(folder: Path, monkeypatch: pytest.MonkeyPatch, shown_s: float) -> None:
    """As many runs as count as many, which are read at the latest after this time."""
    monkeypatch.setattr(module, "MANY_RUNS", 3)
    monkeypatch.setattr(module, "SHOWN_S", shown_s)
    for n in range(3):
        put(folder / f"{n}.jsonl")


def test_many_runs_are_listed_before_any_is_read(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(tmp_path, monkeypatch, 60.0)
    library = opened(tmp_path)
    assert {info["reason"].partition(";")[0] for info in library.describe()} == {"not read yet"}
    eventually(lambda: all(info["lines"] == 3 for info in library.describe()))


def test_many_runs_are_read_though_nobody_lists_them(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_many(tmp_path, monkeypatch, 0.1)
    library = opened(tmp_path)
    eventually(lambda: [len(run.current.store) for run in library.runs] == [3, 3, 3])


def test_runs_are_described_one_by_one_as_they_are_taken(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 0)
    for n in range(5):
        put(tmp_path / f"{n}.jsonl")
    library = opened(tmp_path)
    eventually(lambda: len(library) == 5)
    described = list[str]()
    info = Entry.info

    def counted(entry: Entry) -> dict[str, Any]:
        described.append(entry.id)
        return info(entry)

    monkeypatch.setattr(Entry, "info", counted)
    taken = library.describe()
    assert [next(taken)["id"], next(taken)["id"]] == described


def test_runs_of_a_folder_begin_to_be_followed_one_after_another(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BETWEEN_S", 60.0)
    for n in range(3):
        put(tmp_path / f"{n}.jsonl", age_s=n)
    library = opened(tmp_path)
    eventually(lambda: [info["lines"] for info in named(library).values()].count(3) == 1)
    assert [run.name for run in library.runs] == ["0"]


def test_much_is_not_read_before_somebody_asks(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "young.jsonl", 1_000)
    put(tmp_path / "old.jsonl", 1_000, age_s=9)
    monkeypatch.setattr(module, "UNASKED_BYTES", 50_000)
    library = opened(tmp_path)
    eventually(lambda: named(library)["old"]["partial"])
    assert [run.name for run in library.runs] == ["young"]


def test_a_run_that_is_asked_for_is_followed_instead_of_one_that_nobody_wants(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 2)
    paths = [put(tmp_path / f"{n}.jsonl", 1_000, age_s=n) for n in range(3)]
    library = opened(tmp_path)
    eventually(lambda: "not read yet" not in str([*library.describe()]))
    eventually(lambda: all(run.is_read() for run in library.runs))
    with library[id_of(paths[0])].wanted():
        library[id_of(paths[2])]
    assert sorted(run.name for run in library.runs) == ["0", "2"]
    eventually(lambda: named(library)["2"]["lines"] == 1_000)
    assert named(library)["1"]["lines"] == 1_000  # what was known is kept


def test_runs_that_are_looked_at_are_not_given_up_for_others(
    tmp_path: Path, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 1)
    monkeypatch.setattr(module, "WANTED_MOST", 2)
    paths = [put(tmp_path / f"{n}.jsonl") for n in range(3)]
    library = opened(tmp_path)
    with (
        library[id_of(paths[0])].wanted(),
        library[id_of(paths[1])].wanted(),
        pytest.raises(TooManyRuns, match="2 runs are looked at already"),
    ):
        library[id_of(paths[2])]
    library[id_of(paths[2])]


def test_a_run_that_begins_to_grow_is_followed_instead_of_a_silent_one(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 1)
    put(tmp_path / "silent.jsonl", 5, age_s=100)
    put(tmp_path / "waking.jsonl", 5, age_s=200)
    library = opened(tmp_path)
    eventually(lambda: [run.name for run in library.runs] == ["silent"])
    put(tmp_path / "waking.jsonl", 6)
    eventually(lambda: [run.name for run in library.runs] == ["waking"])
    eventually(lambda: named(library)["waking"]["lines"] == 6)


def test_few_descriptors_mean_few_runs_that_are_followed(
    tmp_path: Path, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    for n in range(20):
        put(tmp_path / f"{n}.jsonl")
    assert len(opened(tmp_path).runs) == 8


@pytest.fixture
def no_collections() -> Iterator[None]:
    """Cycles are looked for when somebody asks, as of what was frozen they never are."""
    gc.collect()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("no_collections")
def test_of_a_run_that_is_given_up_nothing_waits_for_the_collector(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 1)
    paths = [put(tmp_path / f"{n}.jsonl", age_s=n) for n in range(2)]
    library = opened(tmp_path)
    eventually(lambda: "not read yet" not in str([*library.describe()]))
    (run,) = library.runs
    held = [weakref.ref(each) for each in (run, run.tail, run.current, run.current.store)]
    del run
    library[id_of(paths[1])]
    eventually(lambda: not any(each() for each in held))


@pytest.mark.usefixtures("no_collections")
def test_of_the_last_run_that_is_removed_nothing_stays(
    tmp_path: Path, opened: Opening, eventually: Eventually
) -> None:
    path = put(tmp_path / "run.jsonl")
    library = opened(tmp_path)
    eventually(lambda: [run.is_read() for run in library.runs] == [True])
    (run,) = library.runs
    held = weakref.ref(run)
    del run
    time.sleep(2 * module.CLOCK_S)  # whoever looks at it now and then has done so
    path.unlink()
    eventually(lambda: not held())


@pytest.mark.usefixtures("no_collections")
def test_garbage_is_not_kept_for_being_there_when_many_runs_are_listed(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    monkeypatch.setattr(module, "MANY_RUNS", 1)
    put(tmp_path / "run.jsonl")
    garbage, before = weakref.ref(Knot()), gc.get_freeze_count()
    opened(tmp_path)
    eventually(lambda: gc.get_freeze_count() > before)
    gc.collect()
    assert garbage() is None


def test_a_run_nobody_knows_is_said_to_be_unknown(tmp_path: Path, opened: Opening) -> None:
    library = opened(tmp_path)
    with pytest.raises(UnknownRun, match="no such run"):
        library["feedfacecafe"]
    assert "feedfacecafe" not in library


def test_files_that_a_run_wrote_beside_its_own_are_parts_of_it(
    tmp_path: Path, opened: Opening, eventually: Eventually
) -> None:
    run = put(tmp_path / "run.jsonl")
    part = tmp_path / "run.4711.jsonl"
    opening = {"event_type": "RUN_OPENED", "event_id": "e", "data": {"asked_for": "run.jsonl"}}
    part.write_text(json.dumps(opening) + "\n")
    put(tmp_path / "run.other.jsonl")
    alone = opened(run)
    eventually(lambda: named(alone).keys() == {"run", "run.4711"})
    eventually(lambda: named(alone)["run.4711"]["part_of"] == id_of(run))
    assert named(alone)["run"]["part_of"] is None
    folder = opened(tmp_path)
    eventually(lambda: named(folder)["run.4711"]["part_of"] == id_of(run))
    assert named(folder)["run.other"]["part_of"] is None


def test_files_given_one_by_one_are_all_listed_and_their_folder_is_listed_once(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLLOWED_MOST", 4)
    runs = [put(tmp_path / f"{n}.jsonl", 2) for n in range(20)]
    library = opened(*runs, tmp_path / "later.jsonl")
    eventually(lambda: [named(library)[str(n)]["lines"] for n in range(20)] == [2] * 20)
    assert [thread.name for thread in threading.enumerate()].count("folder") == 1
    put(tmp_path / "later.jsonl", 3)
    eventually(lambda: named(library)["later"]["lines"] == 3)
    with runs[7].open("a") as file:
        file.write('{"step": 3}\n' * 3)
    eventually(lambda: named(library)["7"]["lines"] == 5)
    runs[8].unlink()
    time.sleep(2 * module.CLOCK_S + 1.0)
    assert "8" in named(library)


def test_a_part_whose_run_is_not_here_stands_alone(
    tmp_path: Path, opened: Opening, eventually: Eventually
) -> None:
    opening = {"event_type": "RUN_OPENED", "event_id": "e", "data": {"asked_for": "run.jsonl"}}
    (tmp_path / "run.4711.jsonl").write_text(json.dumps(opening) + "\n")
    library = opened(tmp_path)
    eventually(lambda: named(library)["run.4711"]["asked_for"] == "run.jsonl")
    assert named(library)["run.4711"]["part_of"] is None


def test_a_path_that_does_not_answer_is_waited_for_and_holds_up_no_other(
    tmp_path: Path, opened: Opening, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OPEN_S", 0.05)
    answers = threading.Event()
    is_dir = Path.is_dir

    def hanging(path: Path) -> bool:
        if path.name == "hanging":
            assert answers.wait(20.0)
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", hanging)
    put(tmp_path / "hanging/inside.jsonl", 2)
    good = put(tmp_path / "good.jsonl", 3)
    library = opened(tmp_path / "hanging", good)
    assert named(library)["hanging"]["state"] == "waiting"
    eventually(lambda: named(library)["good"]["lines"] == 3)
    answers.set()
    eventually(lambda: named(library).keys() == {"good", "inside"})
