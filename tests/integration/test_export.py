"""A run taken away: every number of it, whatever wrote it, over HTTP and by the command."""

import csv
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from arro3.io import read_parquet
from viewing import Viewer, start_viewer

LOSSES = [1.0, math.nan, 0.1 + 0.2, -math.inf, 1e-300]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "my run.jsonl"
    lines = [json.dumps({"step": 10 * n, "loss": loss}) for n, loss in enumerate(LOSSES, 1)]
    lines.insert(2, json.dumps({"step": 25, "val/acc": 0.5}))
    lines.append(json.dumps({"step": 60, "message": "nothing measured"}))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def viewer(run: Path) -> Iterator[Viewer]:
    viewer = start_viewer(run)
    yield viewer
    viewer.close()


def export(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "karn_view", "export", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)


def as_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def as_columns(data: bytes) -> dict[str, list[Any]]:
    table = read_parquet(io.BytesIO(data)).read_all()
    return {name: list(table[name].to_pylist()) for name in table.schema.names}


def test_a_run_whose_name_is_no_utf_8_is_exported(run: Path, tmp_path: Path) -> None:
    odd = run.rename(tmp_path / os.fsdecode(b"caf\xe9.jsonl"))
    assert export(odd, folder=tmp_path).returncode == 0
    assert odd.with_suffix(".html").exists()


def test_csv_has_every_value_with_every_digit(run: Path, tmp_path: Path) -> None:
    rows = as_rows(export(run, "--csv", "-o", "-", folder=tmp_path).stdout)
    assert [row["step"] for row in rows] == ["10", "20", "25", "30", "40", "50"]
    losses = [row["loss"] for row in rows]
    assert losses == ["1.0", "NaN", "", "0.30000000000000004", "-Infinity", "1e-300"]
    assert [row["val/acc"] for row in rows] == ["", "", "0.5", "", "", ""]
    assert json.loads(run.read_bytes()[int(rows[3]["offset"]) :].splitlines()[0])["step"] == 30


def test_parquet_tells_missing_from_nan(run: Path, tmp_path: Path) -> None:
    columns = as_columns(export(run, "--parquet", "-o", "-", folder=tmp_path).stdout)
    losses = columns["loss"]
    assert (losses[0], losses[2], losses[3], losses[4]) == (1.0, None, 0.1 + 0.2, -math.inf)
    assert math.isnan(losses[1])
    assert columns["step"] == [10.0, 20.0, 25.0, 30.0, 40.0, 50.0]


def test_both_agree_on_every_number_of_a_real_run(sample_runs: Path, tmp_path: Path) -> None:
    run = sample_runs / "diverged.jsonl"
    rows = as_rows(export(run, "--csv", "-o", "-", folder=tmp_path).stdout)
    columns = as_columns(export(run, "--parquet", "-o", "-", folder=tmp_path).stdout)
    assert list(rows[0]) == list(columns)
    assert len(rows) > 200
    for name, values in columns.items():
        written = [float(row[name]) if row[name] else None for row in rows]
        assert str(written) == str([None if one is None else float(one) for one in values])


def test_the_viewer_gives_what_is_shown_or_everything(viewer: Viewer, run: Path) -> None:
    id = viewer.run()["id"]

    def get(query: str) -> bytes:
        with urlopen(viewer.request(f"api/runs/{id}/export?{query}")) as answer:
            disposition = answer.headers["Content-Disposition"]
            assert disposition.startswith('attachment; filename="my-run.')
            return bytes(answer.read())

    assert len(as_rows(get("format=csv"))) == 6
    some = as_rows(get("format=csv&name=loss&from=20&to=40"))
    assert [(row["step"], row["loss"]) for row in some] == [
        ("20", "NaN"),
        ("30", "0.30000000000000004"),
        ("40", "-Infinity"),
    ]
    assert as_columns(get("format=parquet&name=val/acc")).keys() == {
        "step",
        "wall",
        "offset",
        "val/acc",
    }
    assert get("format=html").startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("format=xls", 400, "format is one of csv, parquet, html"),
        ("name=nothing", 404, "no metric named"),
        ("from=x", 400, "from is a number"),
        ("x=y", 400, "x is one of"),
    ],
)
def test_what_cannot_be_given_is_said(viewer: Viewer, query: str, code: int, words: str) -> None:
    id = viewer.run()["id"]
    with pytest.raises(HTTPError) as refused:
        urlopen(viewer.request(f"api/runs/{id}/export?{query}"))
    assert refused.value.code == code
    assert words in json.loads(refused.value.read())["error"]


def test_the_command_names_the_file_and_says_so(run: Path, tmp_path: Path) -> None:
    done = export(run.name, "--csv", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"my run.csv\n", b"")
    assert len(as_rows((tmp_path / "my run.csv").read_bytes())) == 6
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.jsonl"], 2, "no such run file"),
        (["empty.jsonl"], 2, "there is no line in it"),
        (["my run.jsonl", "--csv", "-o", "my run.jsonl"], 2, "cannot be the file to write"),
        (["my run.jsonl", "--csv", "-o", "no/where.csv"], 2, "No such file or directory"),
    ],
)
def test_what_goes_wrong_is_one_line(
    run: Path, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    (tmp_path / "empty.jsonl").touch()
    before = run.read_bytes()
    done = export(*arguments, folder=tmp_path)
    assert done.returncode == code
    assert words in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert run.read_bytes() == before


def test_a_missing_package_is_named_with_the_line_that_brings_it(run: Path, tmp_path: Path) -> None:
    (tmp_path / "arro3.py").write_text("raise ModuleNotFoundError(name='arro3')")
    done = export(run, "--parquet", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode() == (
        'karn-view: Parquet needs the package arro3-io: pip install "karn[export]"\n'
    )
    assert not list(tmp_path.glob("*.parquet*"))


def test_too_many_lines_for_one_page_are_refused_with_the_way_out(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from karn_view import cli
    from karn_view.export import pack

    monkeypatch.setattr(pack, "LINES_MOST_BYTES", 10)
    out = str(tmp_path / "out.html")
    assert cli.main(["export", str(run), "-o", out]) == 2
    assert "--no-lines leaves them out" in capsys.readouterr().err
    assert cli.main(["export", str(run), "-o", out, "--no-lines"]) == 0
    assert Path(out).stat().st_size > 100_000
