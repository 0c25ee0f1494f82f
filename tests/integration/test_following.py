"""From the file to whoever asks: every committed line once, in order, live and replayed."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viewing import Viewer, received, received_records

Serve = Callable[..., Viewer]


def write(path: Path, steps: range, **more: object) -> None:
    with path.open("a") as file:
        for step in steps:
            file.write(json.dumps({"step": step, "loss": 1 / (step + 1), **more}) + "\n")


def steps(items: list[dict[str, Any]]) -> list[int]:
    return [item["record"]["step"] for item in items]


def test_events_are_every_line_once_in_order_over_any_page_size(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    write(tmp_path / "run.jsonl", range(250))
    viewer = serve(tmp_path / "run.jsonl")
    eventually(lambda: viewer.run()["lines"] == 250)
    id = viewer.run()["id"]
    assert steps(viewer.events(id)) == list(range(250))
    assert steps(viewer.events(id, limit="7")) == list(range(250))


def test_an_appended_line_reaches_a_socket(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(3))
    viewer = serve(path)
    with viewer.connected(wants=["events"]) as socket:
        assert received(socket, "connected")["runs"][0]["name"] == "run"
        assert steps(received_records(socket, 3)) == [0, 1, 2]
        write(path, range(3, 5))
        assert steps(received_records(socket, 2)) == [3, 4]


def test_a_torn_line_comes_when_it_is_complete(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(1))
    viewer = serve(path)
    with viewer.connected(wants=["events"]) as socket:
        received_records(socket, 1)
        whole = '{"step": 1, "name": "später"}\n'.encode()
        cut = whole.index(b"\xc3") + 1
        with path.open("ab", buffering=0) as file:
            file.write(whole[:cut])
            file.write(whole[cut:])
        assert received_records(socket, 1)[0]["record"] == {"step": 1, "name": "später"}


def test_a_cursor_goes_on_where_it_ended_across_a_restart_of_the_viewer(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(10))
    viewer = serve(path)
    id = viewer.run()["id"]
    with viewer.connected(wants=["events"]) as socket:
        message = received(socket, "append")
        while len(message["records"]) < 10:
            message = received(socket, "append")
    viewer.kill()
    write(path, range(10, 20))
    again = serve(path)
    with again.connected(cursors={id: message["cursor"]}, wants=["events"]) as socket:
        snapshot = received(socket, "snapshot")
        assert (snapshot["run"], snapshot["reset"]) == (id, False)
        assert steps(received_records(socket, 10)) == list(range(10, 20))


def test_every_message_tells_where_the_lines_end_that_a_client_has(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(10))
    viewer = serve(path)
    wants = ["state", "points", "events", "dashboard"]
    with viewer.connected(wants=wants) as socket:
        message = received(socket, "append")
        while not message.get("records"):
            message = received(socket, "append")
        id, stand, seen = message["run"], message, steps(message["records"])
    write(path, range(10, 3000))
    while len(seen) < 3000:
        place = {"cursors": {id: stand["cursor"]}, "checks": {id: stand["check"]}}
        with viewer.connected(wants=wants, **place) as socket:
            snapshot = received(socket, "snapshot")
            assert (snapshot["reset"], snapshot["cursor"]) == (False, stand["cursor"])
            assert snapshot["check"] == stand["check"]
            stand = received(socket, "append")
            seen += steps(stand.get("records", []))
    assert seen == list(range(3000))


def test_a_replaced_file_is_a_new_generation_and_nothing_of_either_is_lost(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(5), attempt=1)
    viewer = serve(path)
    with viewer.connected(wants=["events"]) as socket:
        first = received_records(socket, 5)
        fresh = tmp_path / "fresh"
        write(fresh, range(4), attempt=2)
        os.replace(fresh, path)
        assert "replaced" in received(socket, "generation")["reason"]
        second = received_records(socket, 4)
    assert [item["record"]["attempt"] for item in first + second] == [1] * 5 + [2] * 4
    known = viewer.run()
    assert [generation["offset"] > 0 for generation in known["generations"]] == [True, True]
    old, new = (generation["id"] for generation in known["generations"])
    assert steps(viewer.events(known["id"], generation=old)) == list(range(5))
    assert steps(viewer.events(known["id"], after=f"{new}:0")) == list(range(4))


def test_a_cursor_of_a_generation_nobody_knows_gets_a_snapshot_not_an_error(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(2))
    viewer = serve(path)
    id = viewer.run()["id"]
    with viewer.connected(cursors={id: "feedfacecafe:999"}, wants=["events"]) as socket:
        assert received(socket, "snapshot")["reset"] is True
        assert steps(received_records(socket, 2)) == [0, 1]
    page = viewer.get(f"api/runs/{id}/events?after=feedfacecafe:999")
    assert page["reset"] is True
    assert steps(page["events"]) == [0, 1]


def test_a_path_that_is_not_there_yet_is_waited_for(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "later.jsonl"
    viewer = serve(path)
    assert viewer.run()["state"] == "waiting"
    eventually(lambda: "nothing is at this path yet" in viewer.run()["reason"])
    with viewer.connected(wants=["events"]) as socket:
        received(socket, "connected")
        write(path, range(2))
        assert steps(received_records(socket, 2)) == [0, 1]


def test_a_folder_shows_its_runs_and_new_ones_appear(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    write(tmp_path / "a.jsonl", range(2))
    (tmp_path / "notes.md").write_text("not a run\n")
    viewer = serve(tmp_path)
    with viewer.connected(wants=["state"]) as socket:
        received(socket, "connected")
        write(tmp_path / "b.log", range(3))
        listed = received(socket, "runs")["runs"]
        assert sorted(run["name"] for run in listed) == ["a", "b"]
        assert received(socket, "snapshot")["run"] in {run["id"] for run in listed}
    (tmp_path / "a.jsonl").unlink()
    eventually(lambda: [run["name"] for run in viewer.get("api/runs")["runs"]] == ["b"])


def test_bad_lines_are_counted_listed_and_stop_nothing(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(1))
    with path.open("ab") as file:
        file.write(b'{"step": 1, "loss": \n{"step": 2, "text": "\xff\xfe"}\n')
    write(path, range(3, 4))
    viewer = serve(path)
    id = viewer.run()["id"]
    items = viewer.events(id)
    assert ["fault" in item for item in items] == [False, True, True, False]
    faults = viewer.get(f"api/runs/{id}/faults")
    assert faults["count"] == viewer.run()["faults"] == 2
    assert [fault["offset"] for fault in faults["faults"]] == [
        items[1]["offset"],
        items[2]["offset"],
    ]
    assert all(fault["reason"] for fault in faults["faults"])


def test_odd_numbers_reach_the_browser_exact_or_as_strings(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(
        b'{"step": 0, "seed": 18295924486325041799123, "loss": NaN, "low": -Infinity}\n'
    )
    viewer = serve(path)
    (item,) = viewer.events(viewer.run()["id"])
    assert item["record"] == {
        "step": 0,
        "seed": 18295924486325041799123,
        "loss": "NaN",
        "low": "-Infinity",
    }


def test_a_replay_brings_the_same_lines_at_its_own_pace(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with path.open("w") as file:
        for step in range(20):
            file.write(json.dumps({"step": step, "timestamp": 1_700_000_000 + step}) + "\n")
    viewer = serve(path)
    id = viewer.run()["id"]
    with viewer.connected(wants=["events"], replay={id: {"from": 0, "speed": 200}}) as socket:
        assert steps(received_records(socket, 20)) == list(range(20))
        assert received(socket, "state")["replay"] == "end"


def test_points_of_a_live_run_come_with_their_index(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(4))
    viewer = serve(path)
    eventually(lambda: viewer.run()["progress"]["read_bytes"] == path.stat().st_size)
    with viewer.connected(wants=["points"]) as socket:
        snapshot = received(socket, "snapshot")
        points = {metric["name"]: metric["points"] for metric in snapshot["metrics"]}
        write(path, range(4, 6))
        loss = received(socket, "append")["points"]["loss"]
        assert loss["start"] == points["loss"] == 4
        assert loss["x"][-1] in (4.0, 5.0)


def test_lines_rotated_away_while_no_viewer_ran_still_come(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(5), attempt=1)
    viewer = serve(path)
    id = viewer.run()["id"]
    with viewer.connected(wants=["events"]) as socket:
        cursor = ""
        seen: list[dict[str, Any]] = []
        while len(seen) < 5:
            message = received(socket, "append")
            seen += message["records"]
            cursor = message["cursor"]
    viewer.kill()
    write(path, range(5, 8), attempt=1)
    path.rename(tmp_path / "run.jsonl.1")
    write(path, range(3), attempt=2)
    again = serve(path)
    with again.connected(cursors={id: cursor}, wants=["events"]) as socket:
        assert received(socket, "snapshot")["reset"] is False
        later = received_records(socket, 6)
    assert steps(later) == [5, 6, 7, 0, 1, 2]


def test_a_file_rewritten_with_the_same_first_line_is_told_by_its_evidence(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(5), attempt=1)
    first = path.read_text().splitlines(keepends=True)[0]
    viewer = serve(path)
    id = viewer.run()["id"]
    with viewer.connected(wants=["events"]) as socket:
        message = received(socket, "append")
        while len(message["records"]) < 5:
            message = received(socket, "append")
    viewer.kill()
    path.write_text(first)
    write(path, range(1, 9), attempt=2)
    again = serve(path)
    brought = {"cursors": {id: message["cursor"]}, "checks": {id: message["check"]}}
    with again.connected(**brought, wants=["events"]) as socket:
        assert received(socket, "snapshot")["reset"] is True
        assert steps(received_records(socket, 9)) == list(range(9))


def test_the_reason_of_a_silent_run_ages_with_its_silence(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(3))
    os.utime(path, (1_700_000_000, time.time() - 3))
    viewer = serve(path)
    with viewer.connected(wants=["state"]) as socket:
        reasons: set[str] = set()
        while not any("no line for 1" in reason for reason in reasons):  # 10 s and more
            reasons.add(received(socket, "state", within_s=30)["run"]["reason"])
        reasons.add(received(socket, "state", within_s=30)["run"]["reason"])
    assert len([reason for reason in reasons if "no line for" in reason]) >= 2


def test_a_dashboard_that_did_not_change_is_not_told_again(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write(path, range(3))
    os.utime(path, (1_700_000_000, time.time() - 9))
    with serve(path).connected(wants=["state", "dashboard"]) as socket:
        kinds: list[str] = []
        while kinds.count("state") < 2:  # the silence is told of, again and again
            kinds.append(json.loads(socket.recv(timeout=30))["type"])
    assert "append" not in kinds[kinds.index("state") :]
