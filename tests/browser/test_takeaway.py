"""What a person takes away, and what becomes of it elsewhere."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]


def wait_for_curves(page: Page) -> None:
    """Waits until the losses are drawn."""
    losses = page.locator('[data-chart="loss"]')
    expect(losses.locator("canvas")).to_be_visible()
    expect(losses.locator(".legend b").first).to_have_text(re.compile(r"\d"))


def taken(page: Page, name: str) -> Path:
    """The file that a button of the dialog saves."""
    with page.expect_download() as saved:
        page.get_by_role("button", name=name).click()
    return Path(saved.value.path())


def test_a_chart_is_saved_as_it_looks(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    wait_for_curves(page)
    page.keyboard.press("d")
    page.get_by_label("Chart", exact=True).select_option("loss")
    picture = ElementTree.fromstring(taken(page, "Chart as SVG").read_text())
    words = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert words[0] == "loss · finished"
    assert {"val env0", "train env1", "0.323"} <= set(words)
    lines = [path.get("d", "") for path in picture.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(line.count("L") > 80 for line in lines) == 4
    assert taken(page, "Chart as PNG").read_bytes().startswith(b"\x89PNG")


def test_a_picture_holds_the_band_and_the_marks(serve: Serve, page: Page, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    with run.open("w") as lines:
        for step in range(20_000):
            loss = "NaN" if step == 10_000 else 1 + step % 7
            lines.write(json.dumps({"step": step, "loss": loss}) + "\n")
        alarm = {"step": 20_000, "level": "warning", "event": "GRADIENT_ANOMALY"}
        lines.write(json.dumps(alarm) + "\n")
        lines.write(json.dumps({"step": 20_001, "loss": 1}) + "\n")
    page.goto(serve(run).url)
    expect(page.locator('[data-chart="loss"] .badge.bad')).to_be_visible()
    wait_for_curves(page)
    page.keyboard.press("d")
    page.get_by_label("Chart", exact=True).select_option("loss")
    picture = ElementTree.fromstring(taken(page, "Chart as SVG").read_text())
    paths = {path.get("class"): path for path in picture.iter("{http://www.w3.org/2000/svg}path")}
    assert paths["band"].get("d", "").count("L") > 500
    assert "not-finite" in paths
    assert "alert" in paths


def test_a_picture_holds_the_last_value_the_raw_one_and_what_a_resume_replaced(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    run = tmp_path / "run.jsonl"
    steps = [*range(100), *range(60, 120)]
    run.write_text("".join(f'{{"step": {n}, "loss": {100 - n}}}\n' for n in steps))
    page.goto(serve(run).url + "#smooth=0.9")
    wait_for_curves(page)
    page.keyboard.press("d")
    page.get_by_label("Chart", exact=True).select_option("loss")
    picture = ElementTree.fromstring(taken(page, "Chart as SVG").read_text())
    shapes = {shape.get("class"): shape for shape in picture.iter() if shape.get("class")}
    assert {"line", "raw", "replaced", "last", "resume"} <= set(shapes)
    assert shapes["replaced"].get("d", "").count("L") == 39
    assert shapes["raw"].get("d") != shapes["line"].get("d")
    end = shapes["line"].get("d", "").split("L")[-1].split()
    assert [shapes["last"].get("cx"), shapes["last"].get("cy")] == end


def test_what_is_shown_is_what_the_table_holds(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url + "#filter=^accuracy$")
    expect(page.locator(".card")).to_have_count(1)
    page.keyboard.press("d")
    expect(page.get_by_label("Which numbers")).to_contain_text("the 1 charts shown")
    head = taken(page, "Numbers as CSV").read_text().splitlines()[0]
    assert head == "epoch,wall,offset,val_accuracy/env0,val_accuracy/env1"
    page.get_by_label("Which numbers").select_option("all")
    assert taken(page, "Numbers as CSV").read_text().count(",") > 20_000
    assert taken(page, "Numbers as Parquet").read_bytes().startswith(b"PAR1")
    link = page.get_by_label("Link to this view")
    expect(link).to_have_value(re.compile(r"#run=\w+&filter=%5Eaccuracy%24$"))


@pytest.fixture
def offline(browser: Browser) -> BrowserContext:
    """A browser without a network."""
    return browser.new_context(offline=True, reduced_motion="reduce", timezone_id="UTC")


def test_one_file_replays_a_run_without_viewer_and_network(
    offline: BrowserContext, tmp_path: Path, sample_runs: Path, artefacts: Path
) -> None:
    out = tmp_path / "run.html"
    command = [sys.executable, "-m", "karn_view", "export", str(sample_runs / "diverged.jsonl")]
    subprocess.run(
        [*command, "--html", "-o", str(out)], check=True, capture_output=True, timeout=100
    )
    page, errors, asked = offline.new_page(), list[str](), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.on("request", lambda request: asked.append(request.url.split(":")[0]))
    page.goto(out.as_uri())
    expect(page.locator("#header .word")).to_have_text("failed")
    expect(page.locator("#header .link")).to_have_text("offline copy")
    expect(page.locator("#alerts strong")).to_contain_text("28 alerts")
    expect(page.get_by_role("region", name="Policy health")).to_contain_text("exploring")
    loss = page.locator('[data-chart="loss"] .legend b').first
    expect(loss).to_have_text("NaN")
    page.keyboard.press("a")
    expect(page.get_by_role("dialog")).to_contain_text("Rules of your own")
    expect(page.get_by_text("whether or not a page shows them")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator(".live")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("slider", name="Moment of the run").click(position={"x": 60, "y": 20})
    expect(loss).not_to_have_text("NaN")
    page.keyboard.press("l")
    expect(loss).to_have_text("NaN")
    page.keyboard.press("e")
    expect(page.locator(".log-status")).to_have_text("409 lines")
    page.get_by_label("Search lines").fill("Diverged")
    expect(page.locator(".log-status")).to_have_text("1 of 409 lines")
    page.locator(".line").click()
    expect(page.locator(".raw pre")).to_contain_text('"event_type": "RUN_CLOSED"')
    page.get_by_label("Search lines").fill("data.env_id=0 val_loss>1e40")
    expect(page.locator(".log-status")).to_have_text("21 of 409 lines")
    page.get_by_label("Search lines").fill("val_loss>high")
    expect(page.locator(".log-status")).to_contain_text("can be compared with a number only")
    page.screenshot(path=artefacts / "offline-copy.png")
    page.reload()
    expect(page).to_have_url(re.compile("log=1"))
    expect(page.locator(".raw pre, .lines")).not_to_have_count(0)
    assert errors == []
    assert set(asked) <= {"file", "data"}
    offline.close()
