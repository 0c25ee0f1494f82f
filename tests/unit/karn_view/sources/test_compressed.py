import errno
import gzip
import io
import os
import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from karn_view.sources import Compressed, File, open_source
from karn_view.sources import compressed as module
from karn_view.tail import Committed, Tail

zstd = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

LINES = b"".join(b'{"step": %d, "loss": %f}\n' % (n, 1 / (n + 1)) for n in range(20_000))

KINDS = pytest.mark.parametrize("compress", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])


def told(tail: Tail) -> bytes:
    return b"".join(item.data for item in tail.poll() if isinstance(item, Committed))


@KINDS
def test_a_finished_run_opens_as_it_is(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "run.jsonl.any"
    path.write_bytes(compress(LINES))
    tail = Tail(path)
    assert told(tail) == LINES
    assert told(tail) == b""
    assert (tail.size, tail.torn) == (len(LINES), 0)
    assert tail.read(tail.generation, 0, len(LINES)) == LINES
    tail.close()


@KINDS
def test_parts_compressed_one_after_the_other_are_one_run(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "run"
    path.write_bytes(compress(LINES[:777]) + compress(LINES[777:]))
    tail = Tail(path)
    assert told(tail) == LINES
    tail.close()


@KINDS
def test_a_compressed_file_that_is_cut_off_shows_what_it_has_and_goes_on(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "run"
    whole = compress(LINES)
    path.write_bytes(whole[: len(whole) // 2])
    tail = Tail(path)
    first = told(tail)
    assert LINES.startswith(first)
    path.write_bytes(whole)
    assert first + told(tail) == LINES
    tail.close()


@KINDS
def test_a_damaged_file_shows_what_stands_before_the_damage_and_says_so(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "run"
    path.write_bytes(compress(LINES) + b"damage" * 100)
    tail = Tail(path)
    poll = tail.poll()
    announced, *came = (next(poll) for _ in range(2))
    assert came == [Committed(announced.generation, 0, LINES)]
    with pytest.raises(OSError, match="damaged compressed file"):
        next(poll)
    tail.close()


def test_what_is_said_of_damage_again_and_again_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_bytes(gzip.compress(LINES) + b"damage" * 100)
    source = open_source(path)
    source.read(0, 2 * len(LINES))
    said = []
    for _ in range(3):
        with pytest.raises(OSError, match="damaged") as raised:
            source.size()
        said.append(raised.value)
    assert len({*map(id, said)}) == 3  # one that is raised anew keeps all frames of before
    source.close()


@KINDS
def test_a_file_that_inflates_out_of_proportion_is_refused(
    tmp_path: Path, compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANY_RATIO_BYTES", 1 << 20)
    path = tmp_path / "bomb"
    path.write_bytes(compress(b"\n" * (32 << 20)))
    source = open_source(path)
    most = max(1 << 20, module.RATIO_MOST * path.stat().st_size)
    assert len(source.read(0, 64 << 20)) <= most
    with pytest.raises(OSError, match=f"inflates to more than {most} bytes"):
        source.size()
    source.close()


@KINDS
@pytest.mark.parametrize("room", range(100_000, 116_000, 4_000))
def test_what_a_full_disk_held_up_is_not_lost(
    tmp_path: Path, compress: Callable[[bytes], bytes], room: int
) -> None:
    path = tmp_path / "run"
    path.write_bytes(compress(LINES))
    source, found = open_source(path), b""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            source.read(0, len(LINES))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    while part := source.read(len(found), 50_000):
        found += part
    assert found == LINES
    assert source.size() == len(LINES)
    source.close()


@KINDS
def test_a_mount_that_fails_for_a_while_is_no_damage(
    tmp_path: Path, compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = [OSError(errno.ESTALE, os.strerror(errno.ESTALE))]

    class Failing(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 20 and stale:  # beyond the header
                raise stale.pop()
            return super().read(size) or b""

    monkeypatch.setattr(File, "stream", lambda file: Failing(os.dup(file._fd)))
    path = tmp_path / "run"
    path.write_bytes(compress(LINES))
    tail = Tail(path)
    with pytest.raises(OSError, match="Stale"):
        told(tail)
    assert told(tail) == LINES
    tail.close()


def test_only_what_is_asked_for_is_inflated(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_bytes(gzip.compress(LINES * 10))
    source = open_source(path)
    assert source.read(0, 100) == LINES[:100]
    assert source.size() < 2 << 20
    source.close()


@KINDS
def test_how_much_there_is_is_told_about_before_all_of_it_is_inflated(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "run"
    whole = b"".join(b'{"step":%d,"loss":%.12f}\n' % (n, random.random()) for n in range(200_000))
    path.write_bytes(compress(whole))
    source = open_source(path)
    assert isinstance(source, Compressed)
    assert source.whole_bytes == 0
    source.read(0, len(whole) // 3)
    assert source.size() < len(whole) // 2
    assert source.whole_bytes == pytest.approx(len(whole), rel=0.15)
    source.read(0, len(whole) + 1)
    assert source.whole_bytes == len(whole)
    source.close()


def test_every_descriptor_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_bytes(gzip.compress(LINES))
    before = len(os.listdir("/proc/self/fd"))
    tail = Tail(path)
    for _ in range(5):
        told(tail)
    tail.close()
    tail.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_without_zstd_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.zst"
    path.write_bytes(zstd.compress(LINES))
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "backports.zstd", None)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match=r"pip install backports\.zstd"):
        open_source(path)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_plain_file_of_any_name_is_not_taken_for_compressed(tmp_path: Path) -> None:
    path = tmp_path / "run.gz"
    path.write_bytes(LINES)
    source = open_source(path)
    assert not isinstance(source, Compressed)
    assert source.read(0, 10) == LINES[:10]
    source.close()
