"""`karn-view check` as a person runs it, and over every real file."""

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reading import committed

SAMPLES = Path(__file__).parents[2] / "sample_runs"
CLEAN = '{"step": 1, "loss": 2.0}\n{"step": 2, "loss": 1.0}\n'


def check(
    *arguments: object, cwd: Path, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "karn_view", "check", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, timeout=100, check=False
    )


def as_json(*arguments: object, cwd: Path, stdin: bytes | None = None) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = json.loads(
        check("--json", *arguments, cwd=cwd, stdin=stdin).stdout
    )["files"]
    return files


def test_a_clean_file_exits_with_0_and_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text(CLEAN)
    answer = check("run.txt", cwd=tmp_path)
    assert answer.returncode == 0
    told = answer.stdout.decode()
    assert told.startswith("run.txt: 0 findings\n")
    assert "step, 1 to 2" in told
    assert "lines    2 = 2 records" in told
    assert answer.stderr == b""


def test_findings_exit_with_1_and_name_line_and_offset(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(CLEAN + '{"step": 3, "lo\n{"step"')
    answer = check("run.jsonl", cwd=tmp_path)
    assert answer.returncode == 1
    assert "run.jsonl:3: fault: not JSON" in answer.stdout.decode()
    assert (
        "run.jsonl:4: torn: 7 bytes after the last line end (offset 66)" in answer.stdout.decode()
    )


def test_what_cannot_be_read_exits_with_2_after_the_rest(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(CLEAN)
    answer = check("missing.jsonl", "run.jsonl", cwd=tmp_path)
    assert answer.returncode == 2
    assert "missing.jsonl:1: unreadable: No such file or directory" in answer.stdout.decode()
    assert "run.jsonl: 0 findings" in answer.stdout.decode()


def test_a_folder_without_a_run_exits_with_2(tmp_path: Path) -> None:
    answer = check(cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (2, b"karn-view: no run file in '.'\n")


def test_a_folder_standard_input_and_compressed_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "run.jsonl").write_text(CLEAN)
    (tmp_path / "run.gz").write_bytes(gzip.compress(CLEAN.encode()))
    files = as_json(".", "-", cwd=tmp_path, stdin=CLEAN.encode())
    assert sorted(file["path"] for file in files) == ["deep/run.jsonl", "run.gz", "standard input"]
    assert {file["lines"]["records"] for file in files} == {2}


def test_the_axis_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text('{"step": 1, "tokens": 5, "loss": 2.0}\n')
    (file,) = as_json("--x", "tokens", "run.jsonl", cwd=tmp_path)
    assert file["axis"]["name"] == "tokens"
    assert "chosen by you" in file["axis"]["reason"]


def test_names_of_files_and_metrics_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.jsonl").write_text('{"lo\\u001b[31mss": NaN}\n')
    answer = check(".", cwd=tmp_path)
    assert b"\x1b" not in answer.stdout


def test_a_file_named_check_can_be_checked(tmp_path: Path) -> None:
    (tmp_path / "check").write_text(CLEAN)
    assert check("check", cwd=tmp_path).returncode == 0


def test_a_bar_is_drawn_on_a_terminal_and_taken_away(tmp_path: Path) -> None:
    run = tmp_path / "long.jsonl"
    run.write_text("".join(f'{{"step": {n}, "loss": 1.0}}\n' for n in range(400_000)))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "karn_view", "check", str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        assert process.stdout
        told = process.stdout.read()
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # EIO: the other side is closed
        pass
    os.close(ours)
    assert process.returncode == 0
    assert b"400,000 records" in told
    assert b"%  long.jsonl" in shown
    assert shown.endswith(b"\r\x1b[K")


@pytest.mark.parametrize("where", ["sample_runs", "shared"])
def test_the_lines_of_every_file_add_up(where: str, request: pytest.FixtureRequest) -> None:
    folder = SAMPLES if where == "sample_runs" else request.getfixturevalue("shared_data")
    files = as_json(folder, cwd=Path("/"))
    assert len(files) > 20
    for file in files:
        path = Path(file["path"])
        kinds = {kind: count for kind, count in file["lines"].items() if kind != "lines"}
        assert file["lines"]["lines"] == sum(kinds.values()) == len(committed(path)), path
        data = path.read_bytes()
        assert file["torn_bytes"] == len(data) - data.rfind(b"\n") - 1, path
        assert file["size_bytes"] == len(data)
        assert file["found"].get("fault", 0) == kinds["faults"]
        blank = sum(not line.strip() for line in data.split(b"\n")[:-1])
        assert kinds["blank"] <= blank


def test_the_clauses_of_the_specification_are_counted_as_it_says() -> None:
    expected = json.loads((SAMPLES / "clauses" / "expected.json").read_text())
    for file in as_json(*(SAMPLES / "clauses").glob("*.jsonl"), cwd=Path("/")):
        told = expected[Path(file["path"]).name]
        assert file["lines"]["records"] == told["records"], file["path"]
        assert file["lines"]["blank"] == told["blank"]
        assert file["torn_bytes"] == told["torn_bytes"]
        assert [f["offset"] for f in file["findings"] if f["kind"] == "fault"] == [
            offset for offset, _ in told["faults"]
        ]
