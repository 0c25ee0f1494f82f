import gzip
import json
import os
from pathlib import Path

import pytest
from karn_view import finding
from karn_view.finding import (
    DEPTH_MOST,
    HEAD_BYTES,
    RUN_SUFFIXES,
    Found,
    files_below,
    files_beside,
    is_one_of,
    is_run,
)

LINE = b'{"step": 1, "loss": 0.5}\n'


def names(folder: Path) -> list[str]:
    return sorted(str(found.path.relative_to(folder)) for found in files_below(folder))


def found(path: Path) -> Found:
    return Found(str(path), 0, 0, 0)


def looks_like_a_run(path: Path) -> bool:
    return is_run(found(path))


def put(path: Path, data: bytes = LINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_files_are_found_at_and_below_a_folder(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl")
    put(tmp_path / "deep/er/b.txt")
    assert names(tmp_path) == ["a.jsonl", "deep/er/b.txt"]


@pytest.mark.parametrize("name", [".hidden.jsonl", ".nfs000000000012ab", ".git/run.jsonl"])
def test_what_is_hidden_is_left_out(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    assert names(tmp_path) == []


def test_only_regular_files_are_found(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "null.jsonl").symlink_to("/dev/null")
    (tmp_path / "folder.jsonl").mkdir()
    assert names(tmp_path) == []


def test_a_link_to_a_file_is_a_file_and_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    target = put(tmp_path / "elsewhere/run.jsonl")
    here = tmp_path / "here"
    here.mkdir()
    (here / "latest.jsonl").symlink_to(target)
    (here / "loop").symlink_to(here)
    (here / "folder").symlink_to(target.parent)
    assert names(here) == ["latest.jsonl"]


def test_a_folder_that_cannot_be_listed_is_passed_over(tmp_path: Path) -> None:
    assert list(files_below(tmp_path / "missing")) == []
    assert list(files_below(put(tmp_path / "file"))) == []


def test_depth_has_an_end(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghij"[:DEPTH_MOST])
    put(deep / "in.jsonl")
    put(deep / "below/out.jsonl")
    assert [found.path.name for found in files_below(tmp_path)] == ["in.jsonl"]


def test_number_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "FILES_MOST", 3)
    for number in range(5):
        put(tmp_path / f"{number}.jsonl")
    assert names(tmp_path) == ["0.jsonl", "1.jsonl", "2.jsonl"]


def test_two_findings_differ_once_the_file_has_grown(tmp_path: Path) -> None:
    path = put(tmp_path / "run.jsonl")
    (before,) = files_below(tmp_path)
    assert [before] == list(files_below(tmp_path))
    with path.open("ab") as file:
        file.write(LINE)
    (after,) = files_below(tmp_path)
    assert before != after
    assert (after.path, after.inode, after.size) == (path, before.inode, 2 * len(LINE))


@pytest.mark.parametrize("suffix", RUN_SUFFIXES)
def test_a_name_can_promise_a_run_before_its_first_line(tmp_path: Path, suffix: str) -> None:
    assert looks_like_a_run(put(tmp_path / f"run{suffix}", b""))


@pytest.mark.parametrize(
    "data",
    [
        LINE,
        b"Epoch 1 begins\n" + LINE,
        b"INFO: " + LINE,
        b'{ "step": 1, "loss": 0.5 }\n',
        LINE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + LINE,
        b"text\n" + LINE + b'{"torn": ',
        gzip.compress(LINE, mtime=0),
    ],
)
def test_a_file_of_any_name_is_a_run_by_its_content(tmp_path: Path, data: bytes) -> None:
    assert looks_like_a_run(put(tmp_path / "log.txt", data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Epoch 1 begins\n",
        b'{"torn": 1}',
        b'def facts(run):\n    return {"run": run, **known}\n',
        b'counts = {"GERMINATE": 0, "ADVANCE": 0}\n',
        b'{\n  "first.jsonl": {"records": 3},\n  "second.jsonl": {"records": 4}\n}\n',
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        b'{\n "name": "pretty",\n "dependencies": {\n  "a": 1\n }\n}\n',
        b"x" * HEAD_BYTES + b"\n" + LINE,
        gzip.compress(b"text\n", mtime=0),
    ],
)
def test_other_content_is_no_run(tmp_path: Path, data: bytes) -> None:
    assert not looks_like_a_run(put(tmp_path / "log.txt", data))


def test_the_state_that_a_trainer_saves_is_a_run_although_it_is_one_document(
    tmp_path: Path,
) -> None:
    saved = {"epoch": 2.0, "log_history": [{"loss": 0.5, "step": 10}], "max_steps": 20}
    assert looks_like_a_run(
        put(tmp_path / "trainer_state.json", json.dumps(saved, indent=2).encode())
    )


def test_what_cannot_be_read_is_no_run(tmp_path: Path) -> None:
    assert not looks_like_a_run(tmp_path / "missing")
    assert not looks_like_a_run(tmp_path)


@pytest.mark.timeout(10)
def test_a_pipe_without_a_writer_is_no_run_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not looks_like_a_run(tmp_path / "pipe")


def opened(asked_for: str | None) -> bytes:
    return json.dumps({"event_type": "RUN_OPENED", "data": {"asked_for": asked_for}}).encode()


def test_files_that_a_writer_may_have_made_beside_its_own_are_told_by_their_names(
    tmp_path: Path,
) -> None:
    run = put(tmp_path / "run.jsonl")
    for name in (
        "run.7.jsonl",
        "run.7-ab.jsonl",
        "run2.7.jsonl",
        "run.jsonl.1",
        "deep/run.8.jsonl",
    ):
        put(tmp_path / name)
    names = sorted(file.path.name for file in files_beside({run.name}, run.parent))
    assert names == ["run.7-ab.jsonl", "run.7.jsonl", "run.jsonl"]


def test_a_part_says_in_its_first_line_which_file_it_was_to_be(tmp_path: Path) -> None:
    assert is_one_of({"run.jsonl"}, found(tmp_path / "run.jsonl"))
    part = put(tmp_path / "run.7.jsonl", opened("run.jsonl") + b"\n" + LINE)
    assert is_one_of({"run.jsonl"}, found(part))
    assert not is_one_of({"other.jsonl"}, found(part))
    assert not is_one_of({"run.jsonl"}, found(put(part, opened("run.jsonl"))))  # torn
    assert not is_one_of({"run.jsonl"}, found(put(part, opened(None) + b"\n")))
    assert not is_one_of({"run.jsonl"}, found(put(part, LINE)))
    assert not is_one_of({"run.jsonl"}, found(tmp_path / "missing.jsonl"))


def test_places_that_are_left_alone_are_neither_entered_nor_asked_through_a_link(
    tmp_path: Path,
) -> None:
    put(tmp_path / "here.jsonl")
    put(tmp_path / "apart/there.jsonl")
    (tmp_path / "link.jsonl").symlink_to("apart/there.jsonl")
    (tmp_path / "dangling.jsonl").symlink_to("apart/gone.jsonl")
    listed = {file.path.name: file for file in files_below(tmp_path, {str(tmp_path / "apart")})}
    assert sorted(listed) == ["dangling.jsonl", "here.jsonl", "link.jsonl"]
    assert [name for name in sorted(listed) if listed[name].reachable] == ["here.jsonl"]


def test_a_folder_that_is_there_and_cannot_be_listed_is_named(tmp_path: Path) -> None:
    unlisted: list[Path] = []
    file = put(tmp_path / "file")
    assert list(files_below(file, (), unlisted)) == []
    assert list(files_below(tmp_path / "missing", (), unlisted)) == []
    assert unlisted == [file]


def test_a_first_line_longer_than_is_looked_at_is_a_run_when_it_begins_as_an_object(
    tmp_path: Path,
) -> None:
    assert looks_like_a_run(put(tmp_path / "long", b'{"config": "' + b"x" * 2 * HEAD_BYTES))
    assert not looks_like_a_run(put(tmp_path / "other", b"x" * 2 * HEAD_BYTES))
