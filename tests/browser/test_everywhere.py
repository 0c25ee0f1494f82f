"""The page on a phone, in the dark, by keyboard and to a screen reader."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]

SIZES = {"laptop": (1440, 900), "phone": (390, 844)}
SCREENS = {"panels": "", "log": "e", "help": "?", "chart": "f", "network": "m", "table": "v"}


def ready(page: Page) -> None:
    """Waits until the first curve is there."""
    expect(page.locator(".card .legend b").first).not_to_have_text("—")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    serve: Serve, page: Page, sample_runs: Path, theme: str, screen: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(serve(sample_runs / "diverged.jsonl").url)
    ready(page)
    if SCREENS[screen]:
        page.keyboard.press(SCREENS[screen])
    if screen == "log":
        page.locator(".line .type").first.click()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]][:3]) for rule in found] == []


@pytest.mark.parametrize("name", ["finished.jsonl", "diverged.jsonl"])
def test_nothing_scrolls_sideways_on_a_phone(
    serve: Serve, browser: Browser, sample_runs: Path, name: str
) -> None:
    phone = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = phone.new_page()
    page.goto(serve(sample_runs / name).url)
    ready(page)
    for part in ("document.documentElement", "document.querySelector('#main')"):
        assert page.evaluate(f"{part}.scrollWidth - {part}.clientWidth") <= 0
    age, link = (page.locator(f"#header .{part}").bounding_box() for part in ("age", "link"))
    assert age and link and age["x"] + age["width"] <= link["x"]
    box = page.get_by_role("button", name="Play").bounding_box()
    assert box and box["height"] >= 44 and box["width"] >= 44
    page.get_by_role("button", name="Event log").tap()
    expect(page.locator(".line").first).to_be_visible()
    tops = [one.bounding_box() for one in page.locator(".log-controls > :not(input)").all()]
    assert len({box["y"] for box in tops if box}) == 1
    title, shut = (page.locator(f"#log > header > {one}").bounding_box() for one in ("h2", ".icon"))
    assert title and shut
    assert abs(title["y"] + title["height"] / 2 - shut["y"] - shut["height"] / 2) < 3
    page.get_by_role("button", name="Close the log").tap()
    page.get_by_role("button", name="Everything by name").tap()
    page.get_by_role("combobox", name="Everything by name").fill("take away")
    page.locator(".found li").first.tap()
    expect(page.get_by_role("dialog", name="Take away")).to_be_visible()
    page.get_by_role("button", name="Close").tap()
    page.get_by_role("button", name="Everything by name").tap()
    page.get_by_role("combobox", name="Everything by name").fill("chart accuracy")
    page.locator(".found li").first.tap()
    expect(page.locator(".card.full")).to_be_visible()
    page.locator(".card.full [data-deed=enlarge]").tap()
    expect(page.locator(".card.full")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.close()


def test_dark_follows_the_system_and_one_key_switches_it(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    page.goto(serve(sample_runs / "finished.jsonl").url)
    ready(page)
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(ground)
    assert dark != light
    page.keyboard.press("t")
    assert page.evaluate(ground) == light


def test_the_page_asks_nobody_else_and_breaks_no_rule_of_its_own(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    viewer = serve(sample_runs / "finished.jsonl")
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(viewer.url)
    ready(page)
    for key in ("s", "y", "e", "?", "Escape"):
        page.keyboard.press(key)
    assert hosts == {f"127.0.0.1:{viewer.port}"}
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_its_screens_are_kept_for_a_person_to_look_at(
    serve: Serve, page: Page, sample_runs: Path, artefacts: Path, size: str, theme: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(serve(sample_runs / "finished.jsonl").url)
    ready(page)
    picture = artefacts / f"page-{size}-{theme}.png"
    page.screenshot(path=picture)
    assert picture.stat().st_size > 10_000
