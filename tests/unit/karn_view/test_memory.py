import errno
import gc
import os
import resource
from pathlib import Path

import numpy as np
import pytest
from karn_view.cli import parser
from karn_view.describe import curve, metrics
from karn_view.memory import SPILLED_BYTES, Memory
from karn_view.run import Run
from karn_view.store.column import Allocate, Column, anonymous
from karn_view.tail import Tail

FLOAT = np.dtype(np.float64)
CEILING_BYTES = 2 * SPILLED_BYTES
LENGTH = SPILLED_BYTES // FLOAT.itemsize


def mapped(folder: Path) -> bool:
    """Whether this process maps a file of the folder, named or not."""
    return str(folder) in Path("/proc/self/maps").read_text()


def test_what_is_beyond_the_ceiling_is_in_files_without_a_name(tmp_path: Path) -> None:
    memory, folder = Memory(CEILING_BYTES, tmp_path / "cache"), tmp_path / "cache"
    kept = [memory.allocate(LENGTH, FLOAT) for _ in range(2)]
    assert not mapped(tmp_path)
    kept.append(memory.allocate(LENGTH, FLOAT))
    assert mapped(folder)
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    assert memory.used_bytes == CEILING_BYTES
    del kept
    gc.collect()
    assert not mapped(tmp_path)
    assert memory.used_bytes == 0


def test_a_column_keeps_its_values_wherever_it_grows(tmp_path: Path) -> None:
    memory = Memory(CEILING_BYTES, tmp_path)
    column, earlier = Column(np.float64, memory.allocate), []
    for start in range(0, 10 * LENGTH, 1000):
        column.extend(np.arange(start, start + 1000.0))
        earlier.append(column.view)
        assert memory.used_bytes <= CEILING_BYTES
    del earlier[1:-100]
    for view in earlier:
        assert np.array_equal(view, np.arange(len(view)))
    assert mapped(tmp_path)


def test_a_full_disk_costs_memory_and_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.posix_fallocate", full)
    memory = Memory(0, tmp_path)
    rooms = [memory.allocate(LENGTH, FLOAT) for _ in range(3)]
    assert [len(room) for room in rooms] == [LENGTH] * 3
    assert not mapped(tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        f"--memory is exceeded: no file in {tmp_path}: No space left on device"
    ]


def test_descriptors_are_left_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (8, 8))
    memory, before = Memory(0, tmp_path), len(os.listdir("/proc/self/fd"))
    rooms = [memory.allocate(LENGTH, FLOAT) for _ in range(9)]
    assert len(os.listdir("/proc/self/fd")) == before + 4
    assert [record.getMessage() for record in caplog.records] == [
        f"--memory is exceeded: no file in {tmp_path}: Too many open files"
    ]
    del rooms[:2]
    rooms += [memory.allocate(LENGTH, FLOAT) for _ in range(9)]
    assert len(os.listdir("/proc/self/fd")) == before + 4


def test_a_run_answers_the_same_with_a_small_ceiling(tmp_path: Path) -> None:
    path, cache = tmp_path / "run.jsonl", tmp_path / "cache"
    lines = (f'{{"step": {n}, "loss": {n % 97}, "acc": {n % 89}}}\n' for n in range(90_000))
    path.write_text("".join(lines))
    answers = [answer(path, allocate) for allocate in (anonymous, Memory(0, cache).allocate)]
    assert answers[0] == answers[1]
    assert cache.exists()


def answer(path: Path, allocate: Allocate) -> str:
    run = Run("run", "run", path, Tail(path), allocate=allocate)
    for _ in run.advance():
        pass
    curves = [curve(run, "loss", points=50), curve(run, "acc", first=1e4, last=5e4, points=50)]
    return repr((metrics(run), curves))


@pytest.mark.parametrize(("text", "size"), [("2G", 2 << 30), ("500m", 500 << 20), ("1KiB", 1024)])
def test_a_size_is_a_number_and_a_unit(text: str, size: int) -> None:
    assert parser().parse_args(["--memory", text]).memory == size


@pytest.mark.parametrize("text", ["", "2", "G", "-1G", "1.5G", "2X"])
def test_what_is_no_size_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args([f"--memory={text}"])
    assert "a size is such as 500M or 2G" in capsys.readouterr().err
