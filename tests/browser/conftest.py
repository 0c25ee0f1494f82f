"""A real Chromium looking at a real `karn-view`."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import chromium
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from viewing import Viewer, start_viewer

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"
QUIET_AND_SMALL = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

expect.set_options(timeout=20_000)  # the context's own timeouts do not reach `expect`


@pytest.fixture
def artefacts() -> Path:
    """Where pictures and logs of the tests are kept for a person to look at."""
    ARTEFACTS.mkdir(exist_ok=True)
    return ARTEFACTS


@pytest.fixture
def keep_name(request: pytest.FixtureRequest) -> str:
    """The test's name, fit for a file."""
    return re.sub(r"\W+", "-", request.node.name).strip("-")


@pytest.fixture
def serve(artefacts: Path, keep_name: str) -> Iterator[Callable[..., Viewer]]:
    """Start `karn-view`: `serve(path)`, `serve(path, "--port", "8123")`; it ends with the test."""
    viewers: list[Viewer] = []
    with (artefacts / f"{keep_name}.log").open("w") as log:

        def start(*arguments: str | Path) -> Viewer:
            viewers.append(start_viewer(*arguments, log=log.fileno()))
            return viewers[-1]

        yield start
        for viewer in viewers:
            viewer.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    more = os.environ.get("KARN_CHROMIUM_ARGS", "").split()
    path = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET_AND_SMALL, *more])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile in which nothing depends on the machine."""
    context = browser.new_context(
        locale="en-GB",
        reduced_motion="reduce",
        timezone_id="UTC",
        viewport={"width": 1280, "height": 800},
    )
    yield context
    context.close()


@pytest.fixture
def page_errors() -> list[str]:
    """Uncaught errors of the page, which must be none when the test ends."""
    return []


@pytest.fixture
def page(
    context: BrowserContext, page_errors: list[str], artefacts: Path, keep_name: str
) -> Iterator[Page]:
    """An empty page; its last look is kept as a picture."""
    page = context.new_page()
    page.on("pageerror", lambda error: page_errors.append(str(error)))
    yield page
    page.screenshot(path=artefacts / f"{keep_name}.png")
    assert page_errors == []
