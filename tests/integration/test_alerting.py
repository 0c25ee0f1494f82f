"""Alerts of a running viewer: found while no page is open, told to scripts and to pages."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer, received, start_viewer

Eventually = Callable[..., None]
DIVERGED = "loss is 9; its best was 1, it began at 1"
RULES = '[[alert]]\nname = "high"\nwhen = "loss > 3 for 2 steps"\n'


def write(run: Path, *losses: float) -> None:
    with run.open("a") as lines:
        for loss in losses:
            lines.write(json.dumps({"loss": loss}) + "\n")


@pytest.fixture
def alerts(tmp_path: Path) -> Path:
    """The file into which the command of the viewer below writes."""
    return tmp_path / "alerts.jsonl"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    write(path, 9, 9, 9)
    return path


@pytest.fixture
def viewer(tmp_path: Path, run: Path, alerts: Path) -> Iterator[Viewer]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    script = tmp_path / "bell.py"
    script.write_text(
        f"import sys\nwith open({str(alerts)!r}, 'a') as out: print(sys.stdin.read(), file=out)\n"
    )
    bell = f'"{sys.executable}" "{script}"'
    viewer = start_viewer(run, "--alerts", rules, "--on-alert", bell)
    yield viewer
    viewer.close()


def told(alerts: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in alerts.read_text().splitlines()] if alerts.exists() else []


def shown(viewer: Viewer) -> dict[str, int]:
    dashboard = viewer.get(f"api/runs/{viewer.run()['id']}/dashboard")
    return {alert["text"]: alert["count"] for alert in dashboard["alerts"]}


def test_what_happens_from_now_on_is_handed_on_and_the_past_is_only_shown(
    viewer: Viewer, run: Path, alerts: Path, eventually: Eventually
) -> None:
    eventually(lambda: shown(viewer) == {"high: loss is 9": 1})
    write(run, 1)
    write(run, float("nan"))
    eventually(lambda: len(told(alerts)) == 1)
    [message] = told(alerts)
    assert message["text"] == "run: loss is NaN"
    assert message["alert"]["type"] == "NON_FINITE_LOSS"
    assert message["alert"]["x"] == 5
    assert message["run"]["source"] == str(run)


def test_like_alerts_are_handed_on_once_in_a_while(
    viewer: Viewer, run: Path, alerts: Path, eventually: Eventually
) -> None:
    for count in (2, 3, 4):
        write(run, 1, 4, 5)
        eventually(lambda count=count: shown(viewer) == {"high: loss is 5": count})
    eventually(lambda: len(told(alerts)) == 1)


def test_a_page_silences_an_alert_for_everybody(
    viewer: Viewer, run: Path, alerts: Path, eventually: Eventually
) -> None:
    id = viewer.run()["id"]
    alert = viewer.get(f"api/runs/{id}/dashboard")["alerts"][0]["id"]
    with viewer.connected(wants=["alerts"]) as one, viewer.connected(wants=["alerts"]) as other:
        assert received(other, "alerting")["silences"] == {}
        one.send(json.dumps({"type": "silence", "run": id, "alert": alert, "until": 9e9}))
        assert received(other, "alerting")["silences"] == {id: {alert: {"until": 9e9}}}
        write(run, 1, 4, 5, float("nan"))
        eventually(lambda: [one["text"] for one in told(alerts)] == ["run: loss is NaN"])
        one.send(json.dumps({"type": "silence", "run": id, "alert": alert}))
        while received(other, "alerting")["silences"]:
            pass
    write(run, 1, 4, 5)
    eventually(lambda: len(told(alerts)) == 2)


def test_a_rule_made_in_a_page_looks_at_the_whole_run_and_goes_on_without_the_page(
    viewer: Viewer, run: Path, alerts: Path, eventually: Eventually
) -> None:
    with viewer.connected(wants=["alerts"]) as page:
        assert [rule["of"] for rule in received(page, "alerting")["rules"]] == ["file"]
        page.send(json.dumps({"type": "rules", "rules": [{"when": "loss > 8", "name": "mine"}]}))
        rules = received(page, "alerting")["rules"]
        assert [(rule["name"], rule["of"]) for rule in rules] == [
            ("high", "file"),
            ("mine", "page"),
        ]
        page.send(json.dumps({"type": "rules", "rules": [{"when": "loss"}]}))
        assert "neither true nor false" in received(page, "refused")["reason"]
    eventually(lambda: shown(viewer) == {"high: loss is 9": 1, "mine: loss is 9": 1})
    write(run, 1, 9)
    eventually(lambda: [one["alert"]["kind"] for one in told(alerts)] == ["mine"])
    with viewer.connected(wants=["alerts"]) as page:
        page.send(json.dumps({"type": "rules", "rules": []}))
        while len(received(page, "alerting")["rules"]) > 1:
            pass
    eventually(lambda: shown(viewer) == {"high: loss is 9": 1})


def test_a_rule_that_is_built_in_is_turned_off_and_set_by_a_page_and_by_a_file(
    tmp_path: Path, eventually: Eventually
) -> None:
    run, rules = tmp_path / "run.jsonl", tmp_path / "rules.toml"
    write(run, *[1.0] * 30, float("nan"), *[9.0] * 40)
    rules.write_text("[built_in.DIVERGENCE]\nat_once = 50\n[built_in.STALL]\non = false\n")
    viewer = start_viewer(run, "--alerts", rules)
    eventually(lambda: {*shown(viewer)} == {"loss is NaN", DIVERGED})

    def set_by(page: Any) -> dict[str, str]:
        rules = received(page, "alerting")["built_in"]
        return {rule["name"]: rule["of"] for rule in rules if rule["of"] != "usual"}

    with viewer.connected(wants=["alerts"]) as page:
        assert set_by(page) == {"DIVERGENCE": "file", "STALL": "file"}
        tuned = {"NON_FINITE_LOSS": {"on": False}, "DIVERGENCE": {"times": 10}}
        page.send(json.dumps({"type": "tune", "built_in": tuned}))
        eventually(lambda: shown(viewer) == {})
        page.send(json.dumps({"type": "tune", "built_in": {"DIVERGENCE": {"times": 0}}}))
        assert "times is a number from 1.01" in received(page, "refused")["reason"]
        page.send(json.dumps({"type": "tune", "built_in": {}}))
        eventually(lambda: {*shown(viewer)} == {"loss is NaN", DIVERGED})
    viewer.close()


def test_a_run_of_a_folder_that_nobody_looks_at_is_watched(
    tmp_path: Path, alerts: Path, viewer: Viewer, eventually: Eventually
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder / "old.jsonl", 1, 1)
    bell = f'"{sys.executable}" "{tmp_path / "bell.py"}"'
    watching = start_viewer(folder, "--on-alert", bell)
    eventually(lambda: watching.run()["records"] == 2)
    write(folder / "old.jsonl", 1, float("nan"))
    eventually(lambda: len(told(alerts)) == 1)
    times = [{"time": time.time(), "loss": loss} for loss in (1, float("nan"))]
    (folder / "new.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in times))
    eventually(lambda: [one["run"]["name"] for one in told(alerts)] == ["old", "new"])
    watching.close()


def test_a_test_alert_says_that_it_is_one(viewer: Viewer, alerts: Path) -> None:
    with viewer.connected(wants=["alerts"]) as page:
        page.send(json.dumps({"type": "test_alert"}))
        while received(page, "alerting")["outlets"][0]["last"] != "sent":
            pass
    assert told(alerts)[0]["test"] is True


def test_a_process_that_dies_is_told(
    viewer: Viewer, tmp_path: Path, alerts: Path, eventually: Eventually
) -> None:
    other = tmp_path / "other.jsonl"
    watching = start_viewer(other, "--on-alert", f'"{sys.executable}" "{tmp_path / "bell.py"}"')
    script = (
        "import os, sys, time\n"
        "from karn import FileOutput\n"
        "run = FileOutput(sys.argv[1])\n"
        "run.log({'loss': 1.0}, step=1)\n"
        "time.sleep(1.5)\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(other)], check=False)
    eventually(lambda: [one["alert"]["type"] for one in told(alerts)] == ["STALL"])
    assert "its process is gone" in told(alerts)[0]["text"]
    watching.close()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--alerts", "/nowhere.toml", "No such file"),
        ("--webhook", "nowhere", "--webhook takes an address"),
        ("--on-alert", "'", "--on-alert is no command line"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_served(
    run: Path, option: str, value: str, words: str
) -> None:
    command = [sys.executable, "-m", "karn_view", str(run), option, value]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert words in ended.stderr and ended.stderr.count("\n") == 1
    assert ended.stdout == ""
