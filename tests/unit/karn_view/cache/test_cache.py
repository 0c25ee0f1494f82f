import errno
import gzip
import json
import logging
import math
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from karn_view import run as module
from karn_view.cache import Cache, volume
from karn_view.cache import cache as within
from karn_view.formats.rows import Overrides
from karn_view.run import Run
from karn_view.tail import Tail
from second import Counting, answers, keep, opened, read_anew, settle

MOST_BYTES = 1 << 30
LINES = 6_000
Change = Callable[[Path], None]


@pytest.fixture(autouse=True)
def small_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 1)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", MOST_BYTES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A run of several metrics, with resumes, events, odd values and lines that are none."""
    path = tmp_path / "run.jsonl"
    path.write_text("".join(lines(0, LINES)))
    return path


def lines(first: int, end: int) -> Iterator[str]:
    for n in range(first, end):
        step = n if n < 4_000 else n - 500
        record: dict[str, Any] = {"step": step, "loss": 3 / (1 + n), "lr": 1e-4 * n}
        if n % 50 == 0:
            record = {"step": step, "eval": {"loss": math.sin(n)}, "größe": 1 << 70}
        if n % 777 == 0:
            record["loss"] = math.nan
        if n % 400 == 3:
            yield f'{{"broken {n}\n'
        if n % 500 == 4:
            record = {"event": "checkpoint", "level": "warning", "message": f"saved {n}"}
        record["time"] = 1.7e9 + n
        yield json.dumps(record, ensure_ascii=False) + "\n"


def test_who_is_prepared_reads_no_code_when_others_compute(
    cache: Cache, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path, cache)
    within._code.cache_clear()
    cache.prepare()
    monkeypatch.setattr("os.walk", lambda _: pytest.fail("code was read"))
    assert not read_anew(path, cache)


def grow(path: Path, data: str | None = None) -> None:
    with path.open("a") as file:
        file.write("".join(lines(LINES, LINES + 900)) if data is None else data)


# ---- the same answers ------------------------------------------------------------------------


def test_a_second_opening_answers_as_the_first_and_reads_next_to_nothing(
    path: Path, cache: Cache
) -> None:
    keep(path, cache)
    assert answers(path, cache) == answers(path, None)
    opened(path, cache).close()
    assert Counting.read_bytes < 8_000


def test_only_what_is_new_is_read_of_a_file_that_grew(path: Path, cache: Cache) -> None:
    keep(path, cache)
    before = path.stat().st_size
    grow(path)
    assert answers(path, cache) == answers(path, None)
    opened(path, cache).close()
    assert Counting.read_bytes < 2 * (path.stat().st_size - before) + 8_000


def test_a_compressed_file_is_decoded_once(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    expected = answers(packed, cache)
    settle(cache)
    taken: list[object] = []
    monkeypatch.setattr(Run, "_take", lambda _, item, *__: taken.append(item))
    assert answers(packed, cache) == expected
    assert taken == []


def test_a_compressed_file_is_judged_before_it_is_inflated(path: Path, cache: Cache) -> None:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    answers(packed, cache)
    settle(cache)
    run = Run("id", "name", packed, Tail(packed), cache=cache)
    next(run.advance())
    assert (run.current.store.records > LINES - 100, run.judgement.state) == (True, "quiet")
    run.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_compressed_file_that_is_another_is_decoded_anew(
    path: Path, cache: Cache, seed: int
) -> None:
    packed, data = path.with_suffix(".gz"), path.read_bytes()
    packed.write_bytes(gzip.compress(data))
    answers(packed, cache)
    settle(cache)
    before, at = packed.stat(), random.Random(seed).randrange(len(data) // 2)
    packed.write_bytes(gzip.compress(data[data.index(b"\n", at) + 1 :]))
    os.utime(packed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert answers(packed, cache) == answers(packed, None)


def test_a_file_is_kept_again_after_it_grew(path: Path, cache: Cache) -> None:
    keep(path, cache)
    grow(path)
    keep(path, cache)
    opened(path, cache).close()
    assert Counting.read_bytes < 8_000
    assert answers(path, cache) == answers(path, None)


def test_a_viewer_that_stands_back_itself_keeps_what_it_read(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_further_back(which: int, who: int, priority: int) -> None:
        if priority < os.getpriority(which, who):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "getpriority", lambda *_: 10)
    monkeypatch.setattr(os, "setpriority", only_further_back)
    keep(path, cache)
    assert not read_anew(path, cache)


def test_a_line_that_was_torn_is_read_once_it_is_whole(path: Path, cache: Cache) -> None:
    grow(path, '{"step": 9000, "lo')
    keep(path, cache)
    assert answers(path, cache) == answers(path, None)
    grow(path, 'ss": 0.25, "time": 1700009000}\n')
    assert not read_anew(path, cache)
    assert answers(path, cache) == answers(path, None)


def test_every_sample_run_is_opened_again_alike(sample_runs: Path, cache: Cache) -> None:
    for path in sorted(sample_runs.rglob("*.jsonl")):
        keep(path, cache)
        assert answers(path, cache) == answers(path, None), path


def test_every_real_file_is_opened_again_alike(shared_data: Path, cache: Cache) -> None:
    for path in sorted(shared_data.rglob("*")):
        if path.is_file() and path.stat().st_size < 200_000:
            keep(path, cache)
            assert answers(path, cache) == answers(path, None), path


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_real_file_that_grew_between_is_opened_again_alike(
    shared_data: Path, tmp_path: Path, cache: Cache, part: float
) -> None:
    for source in sorted(shared_data.rglob("*")):
        if source.is_file() and source.stat().st_size < 100_000:
            data, path = source.read_bytes(), tmp_path / f"copy-{source.name}"
            path.write_bytes(data[: int(part * len(data))])
            keep(path, cache)
            with path.open("ab") as file:
                file.write(data[int(part * len(data)) :])
            assert answers(path, cache) == answers(path, None), source


def test_holes_and_lines_that_were_skipped_are_known_again(path: Path, cache: Cache) -> None:
    grow(path, "\0" * 5_000 + '{"step": 9000, "loss": 1}\n')
    keep(path, cache)
    found = answers(path, cache)
    assert found == answers(path, None)
    assert "5000 NUL bytes" in str(found["faults"])


def test_what_a_key_means_is_part_of_what_is_kept(path: Path, cache: Cache) -> None:
    keep(path, cache)
    assert read_anew(path, cache, x="lr")
    settle(cache)
    again = opened(path, cache, x="lr")
    assert Counting.read_bytes < 8_000
    assert again.current.reader.axis.name == "lr"
    again.close()


# ---- never believed --------------------------------------------------------------------------


def truncate(path: Path) -> None:
    os.truncate(path, path.read_bytes().index(b"\n", 100_000) + 1)


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("".join(lines(1, LINES + 1_000)))
    other.replace(path)


def rewrite(path: Path) -> None:
    """To the same size and with the same times, the first and last lines as they were."""
    before, data = path.stat(), bytearray(path.read_bytes())
    at = data.index(b'"loss": 0.00', len(data) // 2) + len(b'"loss": ')
    data[at] = ord("7")
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def rewrite_and_grow(path: Path) -> None:
    data = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line.replace("0.00", "1.00") for line in data[:-1]) + data[-1])
    grow(path)


@pytest.mark.parametrize("change", [truncate, replace, rewrite, rewrite_and_grow])
def test_a_file_that_is_another_is_read_anew(path: Path, cache: Cache, change: Change) -> None:
    keep(path, cache)
    change(path)
    found = answers(path, cache)
    assert found == answers(path, None)
    settle(cache)
    assert not read_anew(path, cache)
    assert answers(path, cache) == found


def kept(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache/runs").iterdir()
    return file


def data_bytes(file: Path) -> list[int]:
    """Where in a file of the cache something stands."""
    return [at for at, byte in enumerate(file.read_bytes()) if byte]


@pytest.mark.parametrize("seed", range(12))
def test_a_byte_that_was_changed_is_noticed(
    path: Path, tmp_path: Path, cache: Cache, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    keep(path, cache)
    file = kept(tmp_path)
    data, random_ = bytearray(file.read_bytes()), random.Random(seed)
    places = data_bytes(file)
    at = seed if seed < 2 else random_.choice(places if seed % 2 else places[:2_000])
    data[at] ^= 1 << random_.randrange(8)
    file.write_bytes(data)
    assert read_anew(path, cache)
    assert "is read from its beginning, as its cache cannot be used" in caplog.text
    settle(cache)
    assert not read_anew(path, cache)


@pytest.mark.parametrize("left", [0, 1, 30, 100, 0.1, 0.5, 0.9, 0.999])
def test_a_torn_file_of_the_cache_is_noticed(
    path: Path, tmp_path: Path, cache: Cache, left: float, caplog: pytest.LogCaptureFixture
) -> None:
    keep(path, cache)
    file = kept(tmp_path)
    os.truncate(file, int(left * file.stat().st_size) if left < 1 else int(left))
    assert read_anew(path, cache)
    [said] = caplog.messages
    assert said.endswith(
        (
            "it does not begin as it should",
            "its first part was changed",
            "it is shorter than it was",
        )
    )
    assert answers(path, cache) == answers(path, None)


def test_what_another_version_wrote_is_not_read(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path, cache)
    with monkeypatch.context() as patch:
        patch.setattr(within, "__version__", "0.0.1")
        assert read_anew(path, cache)
        settle(cache)
        assert not read_anew(path, cache)
    assert read_anew(path, cache)


def test_what_somebody_made_who_does_not_know_the_secret_is_not_read(
    path: Path, tmp_path: Path, cache: Cache
) -> None:
    theirs = Cache(tmp_path / "theirs", MOST_BYTES)
    keep(path, theirs)
    keep(path, cache)
    (file,) = (tmp_path / "theirs/runs").iterdir()
    file.replace(kept(tmp_path))
    assert read_anew(path, cache)


def test_the_cache_of_another_file_is_not_taken_for_that_of_this(
    path: Path, tmp_path: Path, cache: Cache
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("".join(lines(0, LINES)).replace("0.00", "1.00"))
    keep(path, cache)
    mine = kept(tmp_path)
    keep(other, cache)
    (its,) = {*mine.parent.iterdir()} - {mine}
    its.replace(mine)
    assert read_anew(path, cache)


def as_a_link(file: Path) -> None:
    file.symlink_to(file.rename(file.with_name("elsewhere")))


def as_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def writable_by_others(file: Path) -> None:
    file.chmod(0o666)


def in_a_folder_of_others(file: Path) -> None:
    file.parent.chmod(0o777)


def with_a_secret_that_others_know(file: Path) -> None:
    (file.parents[1] / "secret").chmod(0o644)


@pytest.mark.parametrize(
    "placed",
    [
        as_a_link,
        as_a_pipe,
        writable_by_others,
        in_a_folder_of_others,
        with_a_secret_that_others_know,
    ],
)
def test_what_others_may_have_written_is_not_read(
    path: Path, tmp_path: Path, cache: Cache, placed: Change, caplog: pytest.LogCaptureFixture
) -> None:
    keep(path, cache)
    placed(kept(tmp_path))
    assert read_anew(path, cache)
    settle(cache)
    is_of_all = placed in (in_a_folder_of_others, with_a_secret_that_others_know)
    assert ("no cache in" in caplog.text) == is_of_all
    is_of_one = placed is not in_a_folder_of_others
    assert ("as its cache cannot be used" in caplog.text) == is_of_one
    assert "Errno" not in caplog.text


# ---- without harm ----------------------------------------------------------------------------


def test_a_file_of_the_cache_is_for_its_user_only(path: Path, tmp_path: Path, cache: Cache) -> None:
    keep(path, cache)
    file = kept(tmp_path)
    modes = [place.stat().st_mode & 0o777 for place in (file, file.parent, file.parents[1])]
    assert modes == [0o600, 0o700, 0o700]


def test_a_viewer_without_a_place_for_its_cache_says_so_once_and_goes_on(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file")
    cache = Cache(tmp_path / "cache", MOST_BYTES)
    for _ in range(3):
        keep(path, cache)
        assert read_anew(path, cache)
    warnings = [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
    assert warnings == [f"no cache in {tmp_path}/cache/runs: Not a directory"]


def test_a_full_disk_is_said_once_and_leaves_nothing(
    path: Path,
    tmp_path: Path,
    cache: Cache,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(volume, "write", write)
    for _ in range(2):
        keep(path, cache)
    assert caplog.messages == [f"no cache in {tmp_path}/cache/runs: No space left on device"]
    assert [*(tmp_path / "cache/runs").iterdir()] == []


def test_what_is_being_written_at_the_end_is_not_waited_for_and_goes(
    path: Path, tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = Event(), Event()

    def write(*_: Any) -> None:
        begun.set()
        goes_on.wait(30)

    monkeypatch.setattr(volume, "write", write)
    opened(path, cache).close()
    assert begun.wait(30)
    [left] = (tmp_path / "cache/runs").iterdir()
    assert left.suffix == ".begun"
    cache.close()
    assert [*(tmp_path / "cache/runs").iterdir()] == []
    cache.close()
    goes_on.set()
    cache._writer._thread.join(30)
    assert [*(tmp_path / "cache/runs").iterdir()] == []


def test_a_run_that_is_missing_at_first_is_waited_for(tmp_path: Path, cache: Cache) -> None:
    run = opened(tmp_path / "missing.jsonl", cache)
    assert run.absent
    run.close()


def test_a_run_goes_on_from_the_cache_line_by_line(path: Path, cache: Cache) -> None:
    keep(path, cache)
    run = opened(path, cache)
    for n in range(LINES, LINES + 300):
        grow(path, "".join(lines(n, n + 1)))
        for _ in run.advance():
            pass
    whole = opened(path, None)
    assert run.current.summaries() == whole.current.summaries()
    assert run.current.end == whole.current.end == path.stat().st_size
    run.close()
    whole.close()


# ---- what takes a while to check ---------------------------------------------------------------


@pytest.fixture
def slowly_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every file were so large that its cache takes a while to be checked."""
    monkeypatch.setattr(module, "CHECKED_BYTES", 0)
    monkeypatch.setattr(module, "SKETCHED_BYTES", 0)


@pytest.mark.usefixtures("slowly_checked")
def test_samples_are_shown_while_a_large_cache_is_checked(path: Path, cache: Cache) -> None:
    keep(path, cache)
    run = Run("id", "name", path, Tail(path), cache=cache)
    shown = [(run.current.sketch is not None, len(run.current.store)) for _ in run.advance()]
    assert shown[:2] == [(True, 0), (False, len(run.current.store))]
    run.close()
    assert answers(path, cache) == answers(path, None)


@pytest.mark.usefixtures("slowly_checked")
def test_a_large_cache_that_turns_out_damaged_is_read_anew_below_the_samples(
    path: Path, tmp_path: Path, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    keep(path, cache)
    file = kept(tmp_path)
    data = bytearray(file.read_bytes())
    data[data_bytes(file)[-100]] ^= 1
    file.write_bytes(data)
    expected = answers(path, None)
    assert answers(path, cache) == expected
    assert "as its cache cannot be used" in caplog.text
    settle(cache)
    caplog.clear()
    assert answers(path, cache) == expected
    assert "as its cache cannot be used" not in caplog.text


def test_who_had_no_time_to_look_for_a_cache_is_no_error(
    path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(within, "ANSWER_S", 0.0)
    monkeypatch.setattr(Thread, "start", lambda _: None)
    assert cache.find(path, Overrides()) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
