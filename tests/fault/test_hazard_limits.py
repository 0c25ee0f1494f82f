"""What cannot be told apart, pinned: each is explained in docs/following.md."""

import os
from pathlib import Path

from karn_view.tail import Committed, Limits, NewGeneration, Tail

FIRST = b"first %s\n" % (b"." * 300)
LAST = b"last %s\n" % (b"." * 100)


def told(tail: Tail) -> list[bytes | str]:
    """The bytes that came, and the reasons of new generations."""
    found: list[bytes | str] = []
    for item in tail.poll():
        if isinstance(item, NewGeneration):
            found.append(item.reason)
        elif isinstance(item, Committed):
            found.append(item.data)
    return found


def test_a_rewrite_with_the_same_ends_is_not_seen(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(FIRST + b"one\n" + LAST)
    tail = Tail(path)
    told(tail)
    path.write_bytes(FIRST + b"two\n" + LAST + b"more\n")
    assert told(tail) == [b"more\n"]
    tail.close()


def test_a_new_file_that_begins_with_all_of_the_old_one_is_its_continuation(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"epoch 1\n")
    tail = Tail(path)
    assert told(tail) == ["", b"epoch 1\n"]
    path.unlink()
    path.write_bytes(b"epoch 1\nepoch 2\n")
    assert told(tail) == [b"epoch 2\n"]
    tail.close()


def test_a_file_that_came_and_went_between_two_looks_was_never_there(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"a\n")
    tail = Tail(path)
    told(tail)
    path.unlink()
    path.write_bytes(b"b\n")
    path.unlink()
    path.write_bytes(b"c\n")
    assert told(tail) == ["the file was replaced by another", b"c\n"]
    tail.close()


def test_lines_that_were_cut_off_before_a_look_were_never_there(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"a\n")
    tail = Tail(path)
    told(tail)
    with path.open("ab") as file:
        file.write(b"unread\n")
    os.truncate(path, 0)
    path.write_bytes(b"b\n")
    assert told(tail)[-1] == b"b\n"
    tail.close()


def test_nothing_leads_from_content_that_was_cut_off_to_a_file_rotated_away_since(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"a\n")
    tail = Tail(path)
    told(tail)
    name = tail.generation
    tail.close()
    path.write_bytes(b"b\n")
    path.rename(tmp_path / "run.jsonl.1")
    path.write_bytes(b"c\n")
    restarted = Tail(path)
    told(restarted)
    assert restarted.recall(name) == {}
    restarted.close()


def test_lines_written_into_a_file_after_its_longer_copy_took_its_place_do_not_come(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"a\n")
    tail = Tail(path)
    told(tail)
    with path.open("ab") as writer:
        copy = tmp_path / "copy"
        copy.write_bytes(b"a\nb\n")
        copy.replace(path)
        assert told(tail) == [b"b\n"]
        writer.write(b"late\n")
    assert told(tail) == []
    tail.close()


def test_two_generations_with_the_same_first_line_swap_names_in_a_new_viewer(
    tmp_path: Path,
) -> None:
    """The evidence beside the cursor tells the page that it is another file."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"header\nold 1\n")
    tail = Tail(path)
    told(tail)
    name, check = tail.generation, tail.check(13)
    path.write_bytes(b"header\nnew 1\n")
    told(tail)
    assert tail.generation == f"{name}-2"
    tail.close()
    restarted = Tail(path)
    told(restarted)
    assert restarted.generation == name
    assert restarted.check(13) != check
    restarted.close()


def test_a_long_torn_line_rewritten_between_the_same_ends_is_noticed_a_few_looks_later(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"x" * 640)
    tail = Tail(path, limits=Limits(block_bytes=128, line_bytes=1_024))
    assert told(tail) == []
    path.write_bytes(b"x" * 200 + b"\n" + b"x" * 439)
    looks = [told(tail) for _ in range(6)]
    assert looks == [[], [], [], [], [], ["", b"x" * 200 + b"\n"]]
    tail.close()


def test_what_was_torn_in_a_file_without_a_line_is_forgotten_with_it(tmp_path: Path) -> None:
    now = 0.0
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"torn")
    tail = Tail(path, clock=lambda: now)
    told(tail)
    moved = path.rename(tmp_path / "moved")
    path.write_bytes(b"b\n")
    assert told(tail) == ["the file was replaced by another", b"b\n"]
    now = 5.0
    told(tail)
    with moved.open("ab") as file:
        file.write(b" and whole\n")
    assert told(tail) == []
    tail.close()
