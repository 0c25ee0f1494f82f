"""The event log: every line of a long run, found, read and followed."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]

LINES = 400_000
HALF_WAY = "n => { n.scrollTop = (n.scrollHeight - n.clientHeight) / 2 }"


def append(run: Path, records: Iterable[dict[str, Any]]) -> None:
    with run.open("a") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)


def lossy(step: int) -> dict[str, Any]:
    return {"step": step, "loss": step % 5}


def validated(step: int) -> dict[str, Any]:
    return {"step": step, "metrics": {"val/loss": step / 3, "lr": 0.1}}


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More lines than a browser can make a page high."""
    path: Path = tmp_path_factory.mktemp("long") / "long.jsonl"
    with path.open("w") as lines:
        for n in range(LINES):
            lines.write(f'{{"step": {n}, "loss": {n % 1000}, "slot": "r0c{n % 3}"}}\n')
    return path


def test_hundreds_of_thousands_of_lines_are_scrolled_to_any_place(
    serve: Serve, page: Page, long_run: Path
) -> None:
    page.goto(serve(long_run).url + "#log=1")
    expect(page.locator(".log-status")).to_have_text("400,000 lines")
    expect(page.locator(".line").last).to_contain_text("step=399999")
    page.locator(".lines").evaluate(HALF_WAY)
    expect(page.locator(".line").filter(has_text="step=200000")).to_be_visible()
    assert page.locator(".line").count() < 100
    page.locator(".lines").focus()
    page.keyboard.press("Home")
    expect(page.locator(".line").first).to_contain_text("step=0")
    page.get_by_role("button", name="newest first").click()
    page.get_by_role("button", name="follow").click()
    expect(page.locator(".line").first).to_contain_text("step=399999")


def test_lines_are_found_by_field_and_text(serve: Serve, page: Page, long_run: Path) -> None:
    page.goto(serve(long_run).url + "#log=1")
    search = page.get_by_label("Search lines")
    search.fill("loss>=999 slot=r0c1 399999")
    expect(page.locator(".log-status")).to_have_text("0 of 400,000 lines")
    search.fill("loss>=999 slot=r0c0")
    expect(page.locator(".log-status")).to_have_text("134 of 400,000 lines")
    expect(page.locator(".line").last).to_contain_text("step=399999")
    search.fill("loss>high")
    expect(page.locator(".log-status")).to_contain_text("compared with a number only")


def test_a_point_of_a_chart_leads_to_its_line_and_back(
    serve: Serve, page: Page, sample_runs: Path, eventually: Callable[..., None]
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    plot = page.locator('[data-chart="accuracy"] .u-over')
    legend = page.locator('[data-chart="accuracy"] .legend')
    expect(legend).to_contain_text(re.compile(r"\d"))
    newest = legend.inner_text()
    plot.hover(position={"x": 100, "y": 40})
    eventually(lambda: legend.inner_text() != newest)  # there is a point
    plot.click(position={"x": 100, "y": 40})
    expect(page.locator(".raw pre")).to_contain_text('"EPOCH_COMPLETED"')
    expect(page.locator('.line[aria-selected="true"]')).to_be_in_viewport()
    page.get_by_role("button", name="on the charts").click()
    expect(page.get_by_role("button", name="reset zoom")).to_be_visible()


def test_following_shows_new_lines_of_a_filter_and_pauses_at_a_touch(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, map(lossy, range(100)))
    page.goto(serve(run).url + "#log=1")
    page.get_by_label("Search lines").fill("loss=4")
    expect(page.locator(".log-status")).to_have_text("20 of 100 lines")
    append(run, map(lossy, range(100, 200)))
    expect(page.locator(".log-status")).to_have_text("40 of 200 lines")
    expect(page.locator(".line").last).to_contain_text("step=199")
    page.locator(".line").last.click()
    follow = page.get_by_role("button", name="follow")
    expect(follow).to_have_attribute("aria-pressed", "false")
    append(run, map(lossy, range(200, 300)))
    expect(page.locator(".log-status")).to_have_text("60 of 300 lines")
    expect(page.locator('.line[aria-selected="true"]')).to_contain_text("step=199")


def test_a_line_is_chosen_though_it_is_drawn_anew_while_it_is_pressed(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    run.write_text("".join(f'{{"step": {step}, "loss": 0.5}}\n' for step in range(5)))
    page.goto(serve(run).url + "#log=1")
    page.locator(".line .type").first.hover()
    page.mouse.down()
    with run.open("a") as lines:
        lines.write('{"step": 5, "loss": 0.5}\n')
    expect(page.locator(".log-status")).to_have_text("6 lines")
    page.mouse.up()
    expect(page.locator(".raw pre")).to_contain_text('"step": 0')


def test_new_lines_of_a_followed_run_are_on_screen_at_once_with_their_fields(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    """No row waits for its line: what is counted has come along."""
    run = tmp_path / "run.jsonl"
    append(run, map(validated, range(250)))
    page.goto(serve(run).url + "#log=1")
    expect(page.locator(".line").last).to_contain_text("step=249  val/loss=83  lr=0.1")
    page.evaluate(
        """() => {
            window.waited = 0;
            new MutationObserver(() => {
                const rows = [...document.querySelectorAll(".line")];
                waited += rows.filter((line) => line.textContent === "…").length;
            }).observe(document.querySelector(".rows"), { childList: true });
        }"""
    )
    for step in range(250, 330, 8):
        append(run, map(validated, range(step, step + 8)))
        expect(page.locator(".line").last).to_contain_text(f"step={step + 7}")
    assert page.evaluate("waited") == 0
