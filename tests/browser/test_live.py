"""A run that grows while somebody watches, and a link that breaks."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]


def append(run: Path, *steps: int) -> None:
    """Lines as a training writes them, one loss a step."""
    with run.open("a") as lines:
        for step in steps:
            lines.write(json.dumps({"step": step, "loss": step / 2}) + "\n")


def test_a_line_appended_now_is_on_the_page(serve: Serve, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, 2)
    page.goto(serve(run).url)
    value = page.locator('[data-chart="loss"] .legend b')
    expect(value).to_have_text("1")
    append(run, 3, 5)
    expect(value).to_have_text("2.50")
    expect(page.locator("#header .word")).to_have_text("live")


def test_a_file_that_does_not_exist_yet_is_waited_for(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "later.jsonl"
    page.goto(serve(run).url)
    expect(page.locator("#notice")).to_contain_text("Waiting for the file")
    append(run, 1, 7)
    expect(page.locator('[data-chart="loss"] .legend b')).to_have_text("3.50")
    expect(page.locator("#notice")).to_be_hidden()


def test_a_viewer_that_was_killed_and_started_again_leaves_no_gap_and_no_repetition(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, *range(1, 51))
    viewer = serve(run, "--token", "the-same")
    page.goto(viewer.url)
    page.keyboard.press("e")
    status = page.locator(".log-status")
    expect(status).to_have_text("50 lines")
    append(run, *range(51, 61))
    expect(status).to_have_text("60 lines")
    viewer.kill()
    expect(page.locator("#header .link")).to_contain_text("no link")
    page.get_by_label("Search lines").fill("loss>0")
    expect(status).to_have_text("karn-view does not answer")
    append(run, *range(61, 81))
    serve(run, "--token", "the-same", "--port", str(viewer.port))
    expect(page.locator("#header .link")).to_have_text("link")
    append(run, *range(81, 101))
    expect(status).to_have_text("100 of 100 lines")
    expect(page.locator('[data-chart="loss"] .legend b')).to_have_text("50")
    expect(page.locator("#log")).to_be_visible()


def test_a_file_that_is_replaced_starts_anew(serve: Serve, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, 2, 3)
    page.goto(serve(run).url)
    value = page.locator('[data-chart="loss"] .legend b')
    expect(value).to_have_text("1.50")
    other = tmp_path / "other"
    other.write_text('{"step": 1, "reward": 9}\n')
    other.rename(run)
    expect(page.locator('[data-chart="reward"] .legend b')).to_have_text("9")
    expect(page.locator('[data-chart="loss"]')).to_have_count(0)


def test_the_log_stays_where_it_is_read_while_lines_arrive(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, *range(300))
    page.goto(serve(run).url)
    page.keyboard.press("e")
    lines = page.locator(".lines")
    expect(page.locator(".line").filter(has_text="step=299")).to_be_visible()
    lines.evaluate("node => { node.scrollTop = 100 }")
    expect(page.get_by_role("button", name="follow")).to_have_attribute("aria-pressed", "false")
    append(run, *range(300, 320))
    expect(page.locator('[data-chart="loss"] .legend b')).to_have_text("160")
    assert lines.evaluate("node => node.scrollTop") == 100


def test_a_viewer_started_again_with_another_token_is_said_in_words(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    append(run, 1, 2)
    viewer = serve(run, "--token", "first")
    page.goto(viewer.url)
    expect(page.locator(".card")).to_have_count(1)
    viewer.kill()
    serve(run, "--token", "second", "--port", str(viewer.port))
    expect(page.locator("#notice")).to_contain_text("another token")
