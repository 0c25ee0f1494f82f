"""A real Chromium looking at a real `karn-view`."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import chromium
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

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


@dataclass
class Viewer:
    """A running `karn-view`."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        """The port it listens on."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def stop(self) -> None:
        """End it politely, and wait."""
        self.process.terminate()
        self.process.wait(timeout=15)

    def kill(self) -> None:
        """End it without a word, and wait."""
        self.process.kill()
        self.process.wait(timeout=15)


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
    """Start `karn-view` on a path: `serve(path)`, `serve(path, "--port", "8123")`."""
    viewers: list[Viewer] = []
    with (artefacts / f"{keep_name}.log").open("w") as log:

        def start(*arguments: str | Path) -> Viewer:
            options = [str(argument) for argument in arguments]
            if "--port" not in options:
                options += ["--port", "0"]
            viewer = start_viewer([*options, "--no-open"], log.fileno())
            viewers.append(viewer)
            return viewer

        yield start
        for viewer in viewers:
            if viewer.process.poll() is None:
                viewer.kill()
            assert viewer.process.stdout
            viewer.process.stdout.close()


def start_viewer(options: list[str], log: int) -> Viewer:
    """Start the process and read its address from the one line it prints when it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "karn_view", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    address = re.search(r"http://\S+", line)
    assert address, f"karn-view printed {line!r} instead of its address (exit {process.poll()})"
    return Viewer(process, address.group())


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
