"""The page in front of hostile files and pages: what a log says is text, and nobody frames it."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from browser import chromium
from playwright.sync_api import Page, expect
from viewing import Viewer

Serve = Callable[..., Viewer]

NAMES = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "\u202eevil\u202c",
    "\x1b[31mred\x1b[0m",
    "__proto__",
    "constructor",
    "toString",
    "a/../../b",
    "x" * 100_000,
    "nul\x00nul",
    "\ud800",
    '"><svg onload=alert(1)>',
)
KEYS = 300
MARKUP = "<b onmouseover=alert(1)>bold</b>"


def hostile(path: Path) -> Path:
    lines = []
    for step in range(30):
        values: dict[str, object] = {name: step + n for n, name in enumerate(NAMES)}
        lines.append(json.dumps({"step": step, "loss": 1 / (step + 1), **values}))
    lines += [
        '{"step": 30, "loss": NaN, "other": 1e999, "huge": ' + "9" * 400 + "}",
        '{"step": 31, "deep": ' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "}",
        json.dumps({"step": 32, "keys": {f"key {n}": n for n in range(KEYS)}}),
        json.dumps({"event_type": MARKUP, "message": MARKUP, "severity": MARKUP, "step": 33}),
        '{"loss": 1, "loss": 2, "step": 34}',
        "\x00\x00\x00",
        "<!doctype html><script>alert(1)</script>",
        json.dumps({"step": 35, "loss": 0.25}),
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains of: dialogs, and rules of its policy that were broken."""
    found: list[str] = []

    def dismiss(dialog: object) -> None:
        found.append("dialog")
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", dismiss)
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


def test_what_a_file_says_is_text(
    serve: Serve, page: Page, tmp_path: Path, complaints: list[str]
) -> None:
    name = "<img src=x onerror=alert(1)>"
    viewer = serve(hostile(tmp_path / f"{name}.jsonl"), "--follow", "polling")
    page.goto(viewer.url)
    expect(page.locator(".card .legend b").first).not_to_have_text("—")
    expect(page.get_by_text(name, exact=True).first).to_be_attached()
    page.keyboard.press("e")
    expect(page.locator(".line").first).to_be_visible()
    expect(page.get_by_text(MARKUP).first).to_be_attached()
    page.locator(".line .type").first.click()
    page.keyboard.press("y")
    assert page.locator("main img, main b[onmouseover], #log img, #log b[onmouseover]").count() == 0
    assert page.evaluate(
        "({}).polluted === undefined && Object.keys(Object.prototype).length === 0"
    )
    assert complaints == []
    assert len(viewer.events(viewer.run()["id"])) == 38
    assert viewer.process.poll() is None


@pytest.fixture
def stranger() -> Iterator[Callable[[str], str]]:
    """Serves one page of another origin: `stranger(html)` gives its address."""
    shown = [b""]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(shown[0])

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def serve(html: str) -> str:
            shown[0] = html.encode()
            return f"http://localhost:{server.server_port}/"

        yield serve
        server.shutdown()
        thread.join()


def test_another_site_can_neither_frame_nor_ask_nor_listen(
    serve: Serve, page: Page, sample_runs: Path, stranger: Callable[[str], str]
) -> None:
    viewer = serve(sample_runs / "finished.jsonl")
    page.goto(viewer.url)
    expect(page.locator(".card .legend b").first).not_to_have_text("—")
    for host in ("127.0.0.1", "localhost"):
        place = f"{host}:{viewer.port}"
        page.goto(stranger(f'<iframe src="http://{place}/"></iframe>'))
        frame = page.frames[1]
        assert frame.locator("#main").count() == 0
        for request in ("{}", "{mode: 'no-cors', credentials: 'include'}"):
            asked = f"fetch('http://{place}/api/runs', {request}).then(a => a.text(), () => '')"
            assert page.evaluate(asked) == ""
        listen = (
            f"new Promise(done => {{ const s = new WebSocket('ws://{place}/ws');"
            " s.onopen = () => done('open'); s.onerror = () => done('refused'); })"
        )
        assert page.evaluate(listen) == "refused"


def test_no_address_of_another_page_tells_the_token(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    viewer = serve(sample_runs / "finished.jsonl")
    said: list[str] = []
    page.on("request", lambda request: said.append(str(request.all_headers()) + request.url))
    page.goto(viewer.url)
    expect(page.locator(".card .legend b").first).not_to_have_text("—")
    assert viewer.token not in page.url
    assert viewer.token not in page.content()
    assert viewer.token not in page.evaluate("document.cookie + document.referrer")
    _, *later = said
    assert len(later) > 5
    assert not [headers for headers in later if "'referer'" in headers]


def test_the_page_needs_no_route_to_anywhere() -> None:
    alone = ("unshare", "--net", "--", "sh", "-ec")
    if not all(map(shutil.which, ("unshare", "ip"))):
        pytest.skip("no unshare or no ip: a network namespace cannot be made")
    up = 'ip link set lo up; test -z "$(ip route)"; '
    probe = subprocess.run([*alone, up], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"a network namespace cannot be made: {probe.stderr.strip()}")
    test = "tests/browser/test_everywhere.py -k asks_nobody_else"
    command = f"{up} exec {sys.executable} -m pytest -q -p no:cacheprovider -p no:xdist {test}"
    done = subprocess.run(
        [*alone, command],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "KARN_CHROMIUM": str(chromium.find())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout[-3_000:]
