from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.sources import File
from karn_view.tail.prefix import Prefix, check, name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def test_the_empty_prefix_begins_any_file(path: Path) -> None:
    path.write_bytes(b"anything")
    file = File.open(path)
    assert Prefix().begins(file)
    file.close()


@pytest.mark.parametrize(
    ("content", "begins"),
    [
        (b"h" * 300 + b"t" * 100, True),
        (b"h" * 300 + b"t" * 100 + b"more", True),
        (b"h" * 300 + b"t" * 99, False),
        (b"H" + b"h" * 299 + b"t" * 100, False),
        (b"h" * 300 + b"t" * 99 + b"T", False),
    ],
    ids=["same", "longer", "shorter", "other head", "other tail"],
)
def test_a_file_continues_while_its_consumed_ends_are_the_same(
    path: Path, content: bytes, begins: bool
) -> None:
    path.write_bytes(content)
    file = File.open(path)
    assert Prefix().grown(b"h" * 300 + b"t" * 100).begins(file) == begins
    file.close()


@given(st.lists(st.binary(max_size=300)))
def test_grown_in_any_pieces_it_is_the_same_prefix(pieces: list[bytes]) -> None:
    grown = Prefix()
    for piece in pieces:
        grown = grown.grown(piece)
    assert grown == Prefix().grown(b"".join(pieces))


def test_taken_from_a_file_it_is_the_same_prefix(path: Path) -> None:
    content = bytes(range(256)) * 3
    path.write_bytes(content)
    file = File.open(path)
    assert Prefix.of(file, 700) == Prefix().grown(content[:700])
    assert Prefix.of(file, 10) == Prefix().grown(content[:10])
    file.close()


def test_the_first_line_names_a_generation() -> None:
    assert name(b"line\nrest") == name(b"line\nother")
    assert name(b"line\n") != name(b"line")
    assert name(b"x" * 256 + b"y") == name(b"x" * 256 + b"z")
    assert len(name(b"line\n")) == 12


def test_a_check_looks_at_the_last_bytes_only() -> None:
    assert check(b"a" + b"x" * 64) == check(b"b" + b"x" * 64)
    assert check(b"a" + b"x" * 63) != check(b"b" + b"x" * 63)
    assert len(check(b"")) == 8
