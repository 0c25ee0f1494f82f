"""One training in several files: shown as one, when it says so or when a person does."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]

BEGAN = 1.7e9


def event(type: str, wall: float, data: dict[str, Any]) -> str:
    timestamp = datetime.fromtimestamp(wall, UTC).isoformat()
    return json.dumps({"event_type": type, "timestamp": timestamp, "data": data}) + "\n"


def written(path: Path, begun: float, steps: range, level: float, **opening: Any) -> Path:
    """A piece of a training as `FileOutput` writes one: a line a second, a loss near its level."""
    with path.open("w") as lines:
        lines.write(event("RUN_OPENED", BEGAN + begun, {"run_id": path.name, **opening}))
        for n, step in enumerate(steps, 1):
            data = {"step": step, "metrics": {"loss": level + step / 1000, "lr": 0.1}}
            lines.write(event("METRICS", BEGAN + begun + n, data))
    return path


def row(page: Page, name: str) -> Locator:
    return page.locator("#runs li").filter(has=page.get_by_text(name, exact=True))


def open_later_piece(page: Page, viewer: Viewer) -> None:
    page.goto(viewer.url)
    row(page, "run.4711").locator(".run").click()


def legend(page: Page) -> Locator:
    return page.locator('[data-chart="loss"] .legend')


def test_a_file_that_goes_on_with_another_one_is_shown_with_it_as_one_run(
    serve: Serve, page: Page, tmp_path: Path, artefacts: Path
) -> None:
    written(tmp_path / "run.jsonl", 0, range(200), 3)
    written(tmp_path / "run.4711.jsonl", 400, range(150, 300), 2, asked_for="run.jsonl")
    written(tmp_path / "other.jsonl", 0, range(300), 1)
    open_later_piece(page, serve(tmp_path))
    expect(page.locator("#header .piece")).to_have_text("piece 2 of 2")
    expect(row(page, "run")).to_have_attribute("data-part", "")
    expect(legend(page).locator("li")).to_have_count(1)
    expect(legend(page)).to_have_text("↓ 2.15↑ 3.152.30")
    page.keyboard.press("v")
    expect(page.locator("#table tbody tr")).to_have_count(1)
    expect(page.locator("#table .num").first).to_have_text("2.30 ↓ 2.15")
    page.keyboard.press("v")
    page.screenshot(path=artefacts / "page-pieces.png")
    page.get_by_role("button", name="Compare other").click()
    expect(legend(page).locator("li")).to_have_count(2)
    expect(legend(page).locator("b").first).to_have_text("2.30")
    page.get_by_label("x", exact=True).select_option("relative")
    expect(legend(page).locator("b").first).to_have_text("2.30")
    expect(page).to_have_url(re.compile("with="))


def test_a_point_leads_to_its_line_in_the_piece_that_wrote_it(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    written(tmp_path / "run.jsonl", 0, range(200), 3)
    written(tmp_path / "run.4711.jsonl", 400, range(150, 300), 2, asked_for="run.jsonl")
    open_later_piece(page, serve(tmp_path))
    expect(legend(page).locator("b")).to_have_text("2.30")
    box = page.locator('[data-chart="loss"] .u-over').bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    expect(page.locator(".raw pre")).to_contain_text(re.compile(r'"step": 7\d'))
    expect(page.locator(".raw header")).to_contain_text("of run")
    expect(legend(page)).to_contain_text("↑ 3.15")


def test_runs_without_a_sign_are_joined_by_hand_and_taken_apart(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    written(tmp_path / "monday.jsonl", 0, range(200), 3)
    written(tmp_path / "tuesday.jsonl", 90_000, range(150, 300), 2)
    page.goto(serve(tmp_path).url)
    row(page, "monday").locator(".run").click()
    page.get_by_role("button", name="Compare tuesday").click()
    expect(legend(page).locator("li")).to_have_count(2)
    page.get_by_role("button", name="join", exact=True).click()
    expect(page.locator("#header .piece")).to_have_text("piece 2 of 2")
    expect(legend(page).locator("li")).to_have_count(1)
    expect(legend(page)).to_have_text("↓ 2.15↑ 3.152.30")
    expect(page).to_have_url(re.compile("join="))
    page.reload()
    expect(legend(page)).to_have_text("↓ 2.15↑ 3.152.30")
    page.keyboard.press("u")
    expect(page.locator("#header .piece")).to_be_hidden()
    expect(legend(page)).to_have_text("↓ 2.15↑ 2.302.30")


def test_processes_side_by_side_stay_apart(serve: Serve, page: Page, tmp_path: Path) -> None:
    written(tmp_path / "run.jsonl", 0, range(200), 3)
    written(tmp_path / "run.4711.jsonl", 10, range(200), 2, asked_for="run.jsonl")
    page.goto(serve(tmp_path).url)
    expect(row(page, "run.4711")).to_have_attribute("data-part", "")
    row(page, "run").locator(".run").click()
    expect(legend(page).locator("li")).to_have_count(2)
    expect(page.locator("#header .piece")).to_be_hidden()


def test_a_piece_that_begins_while_the_page_is_open_goes_on_with_the_curve(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    written(tmp_path / "run.jsonl", 0, range(200), 3)
    page.goto(serve(tmp_path).url)
    expect(legend(page)).to_have_text("↓ 3↑ 3.203.20")
    later = written(tmp_path / "run.4711.jsonl", 400, range(150, 300), 2, asked_for="run.jsonl")
    expect(page.locator("#header .piece")).to_have_text("piece 1 of 2")
    expect(legend(page)).to_have_text("↓ 2.15↑ 3.152.30")
    with later.open("a") as lines:
        lines.write(event("METRICS", BEGAN + 600, {"step": 300, "metrics": {"loss": 1.5}}))
    expect(legend(page)).to_have_text("↓ 1.50↑ 3.151.50")


def test_the_log_goes_on_from_one_piece_into_the_next(
    serve: Serve, page: Page, tmp_path: Path, artefacts: Path
) -> None:
    written(tmp_path / "run.jsonl", 0, range(200), 3)
    later = written(tmp_path / "run.4711.jsonl", 400, range(150, 300), 2, asked_for="run.jsonl")
    open_later_piece(page, serve(tmp_path))
    page.keyboard.press("e")
    expect(page.locator("#log .log-status")).to_have_text("352 lines")
    expect(page.locator(".line").last).to_contain_text("step=299")
    page.get_by_label("Search lines").fill("step=199")
    border = page.locator(".line.border")
    expect(page.locator("#log .log-status")).to_have_text("2 of 352 lines")
    expect(border).to_contain_text("resumed in run.4711")
    expect(page.locator(".line")).to_contain_text(["3.199", "resumed in run.4711", "2.199"])
    page.get_by_role("button", name="newest first").click()
    expect(page.locator(".line")).to_contain_text(["2.199", "resumed in run.4711", "3.199"])
    page.get_by_role("button", name="newest first").click()
    page.locator(".lines").press("End")
    page.locator(".lines").press("ArrowUp")
    expect(page.locator(".raw pre")).to_contain_text("3.199")
    expect(page.locator(".raw header")).to_contain_text("of run")
    expect(page.locator("#header .piece")).to_have_text("piece 2 of 2")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=artefacts / f"page-pieces-{theme}-{width}.png")
    page.get_by_label("Search lines").fill("")
    expect(page.locator("#log .log-status")).to_have_text("352 lines")
    page.get_by_role("button", name="follow").click()
    with later.open("a") as lines:
        lines.write(event("METRICS", BEGAN + 600, {"step": 300, "metrics": {"loss": 1.5}}))
    expect(page.locator("#log .log-status")).to_have_text("353 lines")
    expect(page.locator(".line").last).to_contain_text("step=300")


def test_a_replay_goes_over_all_pieces(serve: Serve, page: Page, tmp_path: Path) -> None:
    written(tmp_path / "run.jsonl", 0, range(200), 3)
    written(tmp_path / "run.4711.jsonl", 90_000, range(150, 300), 2, asked_for="run.jsonl")
    open_later_piece(page, serve(tmp_path))
    page.keyboard.press("e")
    piece = page.locator("#header .piece")
    status = page.locator("#log .log-status")
    live = page.get_by_role("button", name=re.compile("LIVE|END"))
    expect(status).to_have_text("352 lines")
    strip = page.get_by_role("slider", name="Moment of the run")
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] * 0.5, "y": 20})
    expect(piece).to_have_text("piece 1 of 2")
    expect(status).to_have_text(re.compile(r"17\d lines"))
    expect(legend(page)).to_have_text(re.compile(r"↓ 3↑ 3\.1\d3\.1\d"))
    strip.click(position={"x": box["width"] * 0.8, "y": 20})
    expect(piece).to_have_text("piece 2 of 2")
    expect(status).to_have_text(re.compile(r"28\d lines"))
    expect(legend(page)).to_have_text(re.compile(r"↓ 2\.15↑ 3\.152\.2\d"))
    page.keyboard.press("l")
    expect(status).to_have_text("352 lines")
    expect(live).to_have_attribute("aria-pressed", "true")


def test_a_step_and_a_jump_cross_the_border_of_two_pieces(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    first = written(tmp_path / "run.jsonl", 0, range(20), 3)
    with first.open("a") as lines:
        data = {"step": 20, "metrics": {"loss": "NaN", "lr": 0.1}}
        lines.write(event("METRICS", BEGAN + 21, data))
    written(tmp_path / "run.4711.jsonl", 400, range(15, 20), 2, asked_for="run.jsonl")
    open_later_piece(page, serve(tmp_path))
    page.keyboard.press("e")
    piece = page.locator("#header .piece")
    status = page.locator("#log .log-status")
    expect(status).to_have_text("28 lines")
    page.get_by_label("Step by").select_option("line")
    page.locator("#header").click()
    for left in (27, 26, 25, 24, 23):
        page.keyboard.press("ArrowLeft")
        expect(status).to_have_text(f"{left} lines")
    expect(piece).to_have_text("piece 2 of 2")
    page.keyboard.press("ArrowLeft")
    expect(status).to_have_text("22 lines")
    expect(piece).to_have_text("piece 1 of 2")
    expect(page.locator(".line.border")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(status).to_have_text("21 lines")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(status).to_have_text("23 lines")
    expect(piece).to_have_text("piece 2 of 2")
    expect(page.locator(".line.border")).to_have_count(1)
    page.keyboard.press("l")
    page.keyboard.press("p")
    expect(piece).to_have_text("piece 1 of 2")
    expect(status).to_have_text("22 lines")


def test_a_replay_plays_on_into_the_next_piece(serve: Serve, page: Page, tmp_path: Path) -> None:
    written(tmp_path / "run.jsonl", 0, range(20), 3)
    written(tmp_path / "run.4711.jsonl", 90_000, range(15, 30), 2, asked_for="run.jsonl")
    open_later_piece(page, serve(tmp_path))
    piece = page.locator("#header .piece")
    expect(piece).to_have_text("piece 2 of 2")
    page.get_by_role("button", name="Play").click()
    expect(piece).to_have_text("piece 1 of 2")
    expect(piece).to_have_text("piece 2 of 2")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(legend(page)).to_have_text("↓ 2.02↑ 3.012.03")


def test_alerts_are_of_all_pieces_and_lead_to_the_one_they_are_of(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    first = written(tmp_path / "run.jsonl", 0, range(200), 3)
    with first.open("a") as lines:
        lines.write(
            event("METRICS", BEGAN + 201, {"step": 200, "metrics": {"loss": "NaN", "lr": 0.1}})
        )
    written(tmp_path / "run.4711.jsonl", 400, range(150, 300), 2, asked_for="run.jsonl")
    open_later_piece(page, serve(tmp_path))
    alert = page.locator("#alerts .alert").first
    expect(alert).to_contain_text("piece 1 of 2")
    alert.click()
    expect(page.locator(".raw pre")).to_contain_text("NaN")
    page.keyboard.press("a")
    expect(page.locator(".alert-list li")).to_contain_text("piece 1 of 2")
    page.locator(".alert-list .alert").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#header .piece")).to_have_text("piece 2 of 2")
    page.get_by_role("button", name="ack", exact=True).click()
    expect(page.locator("#alerts")).to_be_hidden()


def test_a_piece_is_passed_over_when_another_run_is_laid_over_its_training(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    written(tmp_path / "a.jsonl", 0, range(200), 3)
    written(tmp_path / "a.4711.jsonl", 400, range(150, 300), 2, asked_for="a.jsonl")
    written(tmp_path / "z.jsonl", 0, range(300), 1)
    page.goto(serve(tmp_path).url)
    row(page, "a.4711").locator(".run").click()
    expect(legend(page).locator("li")).to_have_count(1)
    for _ in range(2):
        page.keyboard.press("c")
        expect(legend(page).locator("li")).to_have_count(2)
        page.keyboard.press("c")
        expect(legend(page).locator("li")).to_have_count(1)
        page.keyboard.press(".")
