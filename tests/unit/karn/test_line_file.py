import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from karn.line_file import LineFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run.jsonl"


@pytest.fixture
def size_limit() -> Iterator[None]:
    """No file of this process may grow beyond 20 bytes; CPython ignores the signal that says so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_folders_are_made_and_lines_appended(path: Path) -> None:
    file = LineFile.open(path)
    file.append(b"one\n")
    file.append(b"two\n")
    file.close()
    assert path.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize(
    ("before", "after"), [(b"torn", b"torn\nnew\n"), (b"old\n", b"old\nnew\n")]
)
def test_a_torn_line_of_an_earlier_crash_is_closed_off(
    path: Path, before: bytes, after: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(before)
    file = LineFile.open(path)
    assert file.resumed
    file.append(b"new\n")
    file.close()
    assert path.read_bytes() == after


def test_an_empty_file_is_not_resumed(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    file = LineFile.open(path)
    assert not file.resumed
    file.close()


def test_a_second_writer_gets_a_file_beside(path: Path) -> None:
    files = [LineFile.open(path) for _ in range(3)]
    assert files[0].path == path
    assert files[1].path == path.with_name(f"run.{os.getpid()}.jsonl")
    assert len({file.path for file in files}) == 3
    for file in files:
        file.close()


def test_a_closed_file_can_be_taken_up_again(path: Path) -> None:
    LineFile.open(path).close()
    again = LineFile.open(path)
    assert again.path == path
    again.close()


def test_a_short_write_tears_one_line_only(path: Path, size_limit: None) -> None:
    file = LineFile.open(path)
    file.append(b"0123456789\n")
    with pytest.raises(OSError, match="File too large") as caught:
        file.append(b"0123456789\n")
    assert caught.value.errno == errno.EFBIG
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    file.append(b"next\n")
    file.close()
    assert path.read_bytes() == b"0123456789\n012345678\nnext\n"


def test_a_line_that_lacks_only_its_end_is_not_lost(path: Path, size_limit: None) -> None:
    file = LineFile.open(path)
    file.append(b"0123456789\n")
    file.append(b"abcdefghi\n")  # its LF would be byte 21
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    file.append(b"next\n")
    file.close()
    assert path.read_bytes() == b"0123456789\nabcdefghi\nnext\n"


def test_deletion_is_noticed_and_renaming_is_not(path: Path) -> None:
    file = LineFile.open(path)
    moved = path.rename(path.with_name("moved.jsonl"))
    assert not file.vanished()
    moved.unlink()
    assert file.vanished()
    file.close()


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        LineFile.open(tmp_path)


def test_a_fifo_is_refused_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="No such device"):
        LineFile.open(tmp_path / "fifo")


def test_a_device_is_refused() -> None:
    with pytest.raises(OSError, match="Not a regular file"):
        LineFile.open(Path("/dev/null"))


def test_programs_started_later_do_not_inherit_the_descriptor(path: Path) -> None:
    file = LineFile.open(path)
    descriptor = file.duplicate()
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
    file.close()
