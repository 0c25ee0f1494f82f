import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from karn import start_dashboard

Viewer = Callable[[str], None]


@pytest.fixture
def viewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """Put a viewer in place that is this script."""

    def put(script: str) -> None:
        package = tmp_path / "path" / "karn_view"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(f"import sys, time\n{script}\n")
        monkeypatch.setenv("PYTHONPATH", str(package.parent))
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)

    return put


SAYS_ITS_ADDRESS = (
    "print('karn-view 1.0  http://127.0.0.1:8000/?token=t  following', *sys.argv[1:], flush=True)"
)


def test_the_address_is_found_and_printed(
    viewer: Viewer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer(f"print('a warning first')\n{SAYS_ITS_ADDRESS}\ntime.sleep(60)")
    dashboard = start_dashboard(tmp_path / "run.jsonl")
    assert dashboard.url == "http://127.0.0.1:8000/?token=t"
    assert capsys.readouterr().out == f"dashboard: {dashboard.url}\n"
    dashboard.stop()
    dashboard.stop()
    assert dashboard.process
    assert dashboard.process.poll() is not None


def test_what_is_asked_for_is_passed_on(viewer: Viewer, tmp_path: Path) -> None:
    viewer(
        f"open({str(tmp_path / 'args')!r}, 'w').write(' '.join(sys.argv[1:]))\n{SAYS_ITS_ADDRESS}"
    )
    run = tmp_path / "runs" / "run.jsonl"
    start_dashboard(run, port=8123, host="0.0.0.0", open_browser=True).stop()
    assert (tmp_path / "args").read_text() == f"{run} --open --port 8123 --host 0.0.0.0"
    assert run.parent.is_dir()


def test_a_viewer_that_cannot_start_is_one_line_and_no_exception(
    viewer: Viewer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer("sys.exit('karn-view: port 8000 is taken')")
    dashboard = start_dashboard(tmp_path / "run.jsonl")
    assert dashboard.url is None
    assert capsys.readouterr().err == "karn: no dashboard: karn-view: port 8000 is taken\n"
    dashboard.stop()


def test_a_viewer_that_says_nothing_is_not_waited_for_for_ever(
    viewer: Viewer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer("time.sleep(60)")
    dashboard = start_dashboard(tmp_path / "run.jsonl", wait_s=0.1)
    assert dashboard.url is None
    assert "did not say its address" in capsys.readouterr().err
    dashboard.stop()


def test_without_the_viewer_there_is_one_line_and_no_exception(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    dashboard = start_dashboard(tmp_path / "run.jsonl")
    assert (dashboard.url, dashboard.process) == (None, None)
    assert capsys.readouterr().err.count("\n") == 1
    dashboard.stop()
