"""Any moment of a run again."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from viewing import Viewer

Serve = Callable[..., Viewer]


def test_scrubbing_shows_panels_and_charts_of_that_moment(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    accuracy = page.get_by_role("region", name="Performance").locator(".hero b")
    loss = page.locator('[data-chart="loss"] .legend b').first
    expect(accuracy).to_have_text("86.9")
    at_the_end = loss.inner_text()
    strip = page.get_by_role("slider", name="Moment of the run")
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] * 0.02, "y": 20})
    expect(accuracy).not_to_have_text("86.9")
    expect(loss).not_to_have_text(at_the_end)
    page.get_by_role("button", name="END").click()
    expect(accuracy).to_have_text("86.9")
    expect(loss).to_have_text(at_the_end)


def test_playing_moves_on_and_pauses(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    strip = page.get_by_role("slider", name="Moment of the run")
    expect(strip).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(strip).not_to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    stopped = page.locator(".moment").inner_text()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("l")
    expect(page.locator(".live")).to_have_attribute("aria-pressed", "true")
    assert stopped != page.locator(".moment").inner_text()


def test_a_replay_is_at_the_same_moment_after_a_reload(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.get_by_role("slider", name="Moment of the run")).to_be_visible()
    page.get_by_label("Step by").select_option("stretch")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("at="))
    moment = page.locator(".moment").inner_text()
    page.reload()
    expect(page.locator(".moment")).to_have_text(moment)


def test_the_next_alert_is_one_key_away(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "diverged.jsonl").url)
    expect(page.locator("#alerts strong")).to_contain_text("alert")
    expect(page.get_by_role("slider", name="Moment of the run")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator(".live")).to_have_attribute("aria-pressed", "false")


def test_a_step_is_an_epoch_or_a_line(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url + "#log=1")
    status = page.locator(".log-status")
    expect(status).to_have_text("726 lines")
    epoch = page.get_by_role("region", name="Performance")
    expect(epoch).to_contain_text("epoch 18 of")
    page.locator("#header").click()
    page.keyboard.press("ArrowLeft")
    expect(epoch).to_contain_text("epoch 17 of")
    page.keyboard.press("ArrowLeft")
    expect(epoch).to_contain_text("epoch 16 of")
    page.keyboard.press("ArrowRight")
    expect(epoch).to_contain_text("epoch 17 of")
    page.get_by_label("Step by").select_option("line")
    page.locator("#header").click()
    shown = int(status.inner_text().split()[0])
    page.keyboard.press("ArrowRight")
    expect(status).to_have_text(f"{shown + 1} lines")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(status).to_have_text(f"{shown - 1} lines")


def two_laid_over(serve: Serve, sample_runs: Path, folder: Path) -> str:
    """The address of a page that shows two runs."""
    for name in ("finished", "killed"):
        shutil.copy(sample_runs / f"{name}.jsonl", folder)
    viewer = serve(folder)
    ids = {run["name"]: run["id"] for run in viewer.get("api/runs")["runs"]}
    return f"{viewer.url}#run={ids['finished']}&with={ids['killed']}"


def go_to_the_beginning(page: Page) -> None:
    strip = page.get_by_role("slider", name="Moment of the run")
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] * 0.03, "y": 20})


def test_two_runs_are_replayed_in_step(
    serve: Serve, page: Page, sample_runs: Path, tmp_path: Path
) -> None:
    page.goto(f"{two_laid_over(serve, sample_runs, tmp_path)}&filter=^accuracy$")
    values = page.locator('[data-chart="accuracy"] .legend b')
    expect(values.nth(2)).to_be_visible()
    at_the_end = values.all_inner_texts()
    go_to_the_beginning(page)
    for value, end in zip(values.all(), at_the_end, strict=True):
        expect(value).not_to_have_text(end)
    early = values.all_inner_texts()
    page.keyboard.press(">")
    page.keyboard.press(" ")
    for value, before in zip(values.all(), early, strict=True):
        expect(value).not_to_have_text(before)


def test_the_panels_of_two_runs_are_replayed_in_step(
    serve: Serve, page: Page, sample_runs: Path, tmp_path: Path
) -> None:
    page.goto(two_laid_over(serve, sample_runs, tmp_path))
    expect(page.locator(".panels .of")).to_have_text(["finished", "killed"])
    accuracies = page.get_by_role("region", name="Performance").locator(".hero b")
    expect(accuracies).to_have_count(2)
    left, right = (panels.bounding_box() for panels in page.locator(".panels").all())
    assert left and right and left["y"] == right["y"]
    at_the_end = accuracies.all_inner_texts()
    go_to_the_beginning(page)
    for accuracy, end in zip(accuracies.all(), at_the_end, strict=True):
        expect(accuracy).not_to_have_text(end)
    page.keyboard.press("l")
    for accuracy, end in zip(accuracies.all(), at_the_end, strict=True):
        expect(accuracy).to_have_text(end)
    page.set_viewport_size({"width": 390, "height": 844})
    upper, lower = (panels.bounding_box() for panels in page.locator(".panels").all())
    assert upper and lower and lower["y"] >= upper["y"] + upper["height"]


def test_on_a_phone_too_one_says_what_a_step_is(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(serve(sample_runs / "finished.jsonl").url)
    by = page.get_by_label("Step by")
    by.select_option("line")
    box = by.bounding_box()
    assert box and box["x"] + box["width"] <= 390 and box["height"] >= 44
    page.get_by_role("button", name="One step back").click()
    expect(page.locator(".live")).to_have_attribute("aria-pressed", "false")


def test_steps_that_wait_for_an_answer_give_way_to_what_was_asked_later(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.get_by_role("slider", name="Moment of the run")).to_be_visible()
    page.get_by_label("Step by").select_option("line")
    held: list[Route] = []
    page.route(re.compile("/lines"), lambda route: held.append(route))
    with page.expect_request(re.compile("/lines")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("l")
    with page.expect_response(re.compile("/lines")):
        held[0].continue_()
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("smooth="))
    expect(page.locator(".live")).to_have_attribute("aria-pressed", "true")
