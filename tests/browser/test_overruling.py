"""What the viewer guessed of a file, overruled by hand; the address remembers."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]


def append(run: Path, steps: range) -> None:
    with run.open("a") as file:
        for step in steps:
            told = {"step": step, "epoch": step / 10, "loss": step / 2, "eval_loss": step / 4}
            file.write(json.dumps(told) + "\n")


def test_another_axis_is_chosen_with_its_reason_in_sight_and_lives_on(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, range(1, 9))
    page.goto(serve(run).url)
    x = page.get_by_label("x", exact=True)
    expect(x).to_have_attribute(
        "title",
        "What the charts run along (x)\n"
        "step is in 8 of the first 8 metric records and never falls\nno key holds wall time",
    )
    expect(x.locator("optgroup[label='could be x'] option")).to_have_text(
        ["epoch: another name ranks higher"]
    )
    x.select_option("by:epoch")
    page.wait_for_url("**x=by%3Aepoch**")
    page.reload()
    expect(x).to_have_value("by:epoch")
    value = page.locator('[data-chart="loss"] .legend b').last
    expect(value).to_have_text("4")
    append(run, range(9, 11))
    expect(value).to_have_text("5")


def test_charts_are_taken_apart(serve: Serve, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    append(run, range(1, 9))
    page.goto(serve(run).url)
    expect(page.locator("[data-chart]")).to_have_count(1)
    page.get_by_role("button", name="apart").click()
    expect(page.locator("[data-chart]")).to_have_count(2)
    page.wait_for_url("**charts=apart**")
