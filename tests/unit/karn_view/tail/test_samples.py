from pathlib import Path

from karn_view.lines import LF
from karn_view.sources import File
from karn_view.tail.samples import BLOCK_BYTES, BLOCKS, HEAD_BYTES, newest, pieces

LINE = b'{"step": %08d}\n'


def source(path: Path, data: bytes) -> File:
    path.write_bytes(data)
    return File.open(path)


def test_pieces_are_whole_lines_in_order_from_the_head_to_the_end(tmp_path: Path) -> None:
    data = b"".join(LINE % n for n in range(500_000)) + b'{"torn"'
    found = [*pieces(source(tmp_path / "run", data), len(data))]
    assert found[0] == (0, data[: data.rfind(LF, 0, HEAD_BYTES) + 1])
    ends = [offset + len(piece) for offset, piece in found]
    assert all(data[offset : offset + len(piece)] == piece for offset, piece in found)
    assert all(
        data[offset - 1 : offset] == LF and piece.endswith(LF) for offset, piece in found[1:]
    )
    assert all(end <= offset for end, (offset, _) in zip(ends, found[1:], strict=False))
    assert ends[-1] == data.rfind(LF) + 1 and len(found) == BLOCKS + 1


def test_however_long_a_file_is_its_pieces_are_as_many(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with path.open("wb") as file:
        file.write(LINE % 0)
        file.truncate(1 << 40)  # a terabyte of nothing
    with path.open("r+b") as file:
        file.seek((1 << 40) - 2 * len(LINE % 0))
        file.write(b"\0" * 3 + LINE[5:] % 1 + LINE % 2)
    found = [*pieces(File.open(path), 1 << 40)]
    assert found == []  # a block with a hole tells nothing for sure


def test_long_lines_have_longer_blocks(tmp_path: Path) -> None:
    line = b'{"text": "' + b"x" * 2 * BLOCK_BYTES + b'"}\n'
    data = line * 2_000
    found = [*pieces(source(tmp_path / "run", data), len(data))]
    assert len(found) > BLOCKS / 2


def test_the_newest_lines_are_those_from_a_place_on_or_the_last_ones(tmp_path: Path) -> None:
    data = b"".join(LINE % n for n in range(100))
    file, width = source(tmp_path / "run", data + b"torn"), len(LINE % 0)
    assert [*newest(file, 98 * width, 1 << 20)] == [(98 * width, data[98 * width :])]
    assert [*newest(file, 100 * width, 1 << 20)] == []
    ((offset, piece),) = newest(file, 0, 4 * width)
    assert data[offset:] == piece and 0 < len(piece) < 4 * width
