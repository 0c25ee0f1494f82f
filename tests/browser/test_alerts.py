"""Alerts as a person meets them: told, silenced for everybody, watched for by own rules."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]

HEARD = """
window.heard = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title) { window.heard.push(title); }
};
"""


def append(run: Path, *losses: float) -> None:
    with run.open("a") as lines:
        for loss in losses:
            lines.write(json.dumps({"loss": loss}) + "\n")


def test_a_healthy_run_shows_no_alert(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("#alerts")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("None so far")


def test_an_acknowledged_alert_is_quiet_on_every_page_until_it_comes_again(
    serve: Serve, page: Page, context: BrowserContext, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, 2, float("nan"))
    viewer = serve(run)
    page.goto(viewer.url)
    other = context.new_page()
    other.goto(viewer.url)
    expect(other.locator("#alerts")).to_contain_text("loss is NaN")
    page.get_by_role("button", name="ack", exact=True).click()
    expect(page.locator("#alerts")).to_be_hidden()
    expect(other.locator("#alerts")).to_be_hidden()
    other.keyboard.press("a")
    expect(other.get_by_role("dialog")).to_contain_text("acknowledged")
    append(run, 1, float("nan"))
    expect(page.locator("#alerts")).to_contain_text("loss is NaN")
    page.get_by_label("Snooze").select_option("1 h")
    expect(page.locator("#alerts")).to_be_hidden()
    expect(other.get_by_role("dialog")).to_contain_text("snoozed until")
    other.get_by_role("button", name="speak again").click()
    expect(page.locator("#alerts")).to_be_visible()
    other.keyboard.press("Escape")
    expect(other.get_by_role("dialog")).to_be_hidden()


def test_a_rule_made_in_the_page_finds_what_happened_and_what_happens(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, 2, 5, 2)
    page.goto(serve(run).url)
    page.get_by_role("button", name="Alerts and rules").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Condition").fill("loss >")
    dialog.get_by_role("button", name="add rule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("one looks like")
    dialog.get_by_label("Condition").fill("loss > 4")
    dialog.get_by_label("Name of the rule").fill("too high")
    dialog.get_by_role("button", name="add rule").click()
    expect(dialog.get_by_role("button", name="too high: loss is 5")).to_be_visible()
    expect(dialog.get_by_label("Condition")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#alerts")).to_contain_text("too high: loss is 5")
    append(run, 7)
    expect(page.locator("#alerts")).to_contain_text("too high: loss is 7")
    page.locator("#alerts .alert").click()
    expect(page.locator(".raw pre")).to_contain_text('"loss": 7')
    page.keyboard.press("a")
    dialog.get_by_role("button", name="Remove too high").click()
    expect(dialog).to_contain_text("None so far")


def test_rules_that_are_built_in_are_shown_set_and_turned_off(
    serve: Serve, page: Page, context: BrowserContext, tmp_path: Path, artefacts: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, *[1] * 30, *[9] * 40)
    viewer = serve(run)
    page.goto(viewer.url)
    expect(page.locator("#alerts")).to_contain_text("loss is 9; its best was 1")
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(8)
    expect(dialog).to_contain_text("whether or not a page shows them: 1 run.")
    times = dialog.get_by_label("DIVERGENCE: times")
    expect(times).to_have_value("3")
    times.fill("20")
    times.press("Enter")
    expect(page.locator("#alerts")).to_be_hidden()
    expect(dialog).to_contain_text("DIVERGENCE · set in a page")
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=artefacts / "page-rules.png")
    times.fill("1")
    times.press("Enter")
    expect(dialog.locator(".built-in input:invalid")).to_have_count(1)
    expect(page.locator("#alerts")).to_be_hidden()
    dialog.get_by_role("button", name="DIVERGENCE as before").click()
    expect(page.locator("#alerts")).to_be_visible()
    expect(times).to_have_value("3")
    dialog.get_by_role("checkbox", name="DIVERGENCE").uncheck()
    expect(page.locator("#alerts")).to_be_hidden()
    other = context.new_page()
    other.goto(viewer.url)
    other.keyboard.press("a")
    expect(other.get_by_role("checkbox", name="DIVERGENCE")).not_to_be_checked()


def test_the_browser_notifies_only_after_a_click_and_only_of_news(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, float("nan"), 1)
    page.add_init_script(HEARD)
    page.goto(serve(run).url)
    expect(page.locator("#alerts")).to_contain_text("loss is NaN")
    append(run, float("nan"), 1)
    expect(page.locator("#alerts")).to_contain_text("×2")
    assert page.evaluate("heard") == []
    page.keyboard.press("a")
    button = page.get_by_role("button", name="browser notifications")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    append(run, float("nan"), 1)
    expect(page.locator("#alerts")).to_contain_text("×3")
    assert page.evaluate("heard") == ["run: loss is NaN"]


def test_a_test_alert_says_whether_it_arrived(serve: Serve, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, 2)
    failing = f'"{sys.executable}" -c "import sys; sys.exit(\'no bell\')"'
    page.goto(serve(run, "--on-alert", failing).url)
    expect(page.locator(".card")).to_have_count(1)
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("nothing sent yet")
    dialog.get_by_role("button", name="send a test").click()
    expect(dialog).to_contain_text("exit code 1: no bell")
