"""The README's picture is the page itself."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from viewing import Viewer

DRAWN = """canvas => canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data.some((byte, i) => i % 4 === 3 && byte)"""


def test_a_finished_run_shows_its_panels_and_charts(
    page: Page, serve: Callable[..., Viewer], sample_runs: Path, artefacts: Path
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})

    page.goto(serve(sample_runs / "finished.jsonl").url)

    expect(page.locator("#karn")).to_be_visible()
    chart = page.locator("#charts canvas").first
    expect(chart).to_be_visible()
    page.wait_for_function(f"({DRAWN})(document.querySelector('#charts canvas'))")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=artefacts / "karn-view.png")
