import http.server
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from karn_view.errors import KarnViewError
from karn_view.outlet import Outlet, command, webhook

Eventually = Callable[..., None]


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted; answers the codes it is given, then 200."""

    got: list[Any]
    codes: list[int]

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.codes.pop(0) if self.codes else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[tuple[str, type[Hook]]]:
    handler = type("Mine", (Hook,), {"got": [], "codes": []})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook?key=secret", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_is_posted_as_json(hook: tuple[str, type[Hook]], eventually: Eventually) -> None:
    url, handler = hook
    outlet = webhook(url)
    outlet.send({"text": "oh"})
    eventually(lambda: outlet.last == "sent")
    assert handler.got == [{"text": "oh"}]
    outlet.close()


def test_a_failure_is_tried_again_and_then_said_without_the_address(
    hook: tuple[str, type[Hook]], eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    url, handler = hook
    handler.codes[:] = [503, 503, 503, 500]
    outlet = webhook(url)
    outlet._retries_s = (0.01, 0.01)
    outlet.send({"n": 1})
    eventually(lambda: outlet.failed == 1)
    assert [one["n"] for one in handler.got] == [1, 1, 1]
    assert outlet.last == "503 Service Unavailable"
    assert "503" in caplog.text and "secret" not in caplog.text
    outlet.send({"n": 2})
    eventually(lambda: outlet.last == "sent")
    assert [one["n"] for one in handler.got] == [1, 1, 1, 2, 2]
    outlet.close()


def test_nobody_at_the_other_end_is_said(eventually: Eventually) -> None:
    outlet = webhook("http://127.0.0.1:1/")
    outlet._retries_s = ()
    outlet.send({})
    eventually(lambda: outlet.last)
    assert "refused" in outlet.last
    outlet.close()


def test_an_outlet_that_hangs_keeps_nobody_waiting() -> None:
    going_on = threading.Event()

    def deliver(message: object) -> None:
        going_on.wait(10)

    outlet = Outlet("slow", deliver)
    for n in range(300):
        outlet.send({"n": n})
    assert outlet.failed >= 199
    assert "dropped" in outlet.last
    going_on.set()
    outlet.close()


def test_a_command_gets_the_alert_on_its_standard_input(
    tmp_path: Path, eventually: Eventually
) -> None:
    script = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    out = tmp_path / "with space; $HOME.json"
    outlet = command(f'"{sys.executable}" -c "{script}" "{out}"')
    outlet.send({"text": "oh"})
    eventually(lambda: outlet.last == "sent")
    assert json.loads(out.read_text()) == {"text": "oh"}
    outlet.close()


def test_a_command_that_fails_is_said_with_its_last_words(eventually: Eventually) -> None:
    outlet = command(f"{sys.executable} -c \"import sys; sys.exit('no such bell')\"")
    outlet.send({})
    eventually(lambda: outlet.last)
    assert outlet.last == "exit code 1: no such bell"
    outlet.close()


def test_a_command_that_is_not_there_is_said(eventually: Eventually) -> None:
    outlet = command("/nowhere/bell")
    outlet.send({})
    eventually(lambda: outlet.last)
    assert outlet.last == "No such file or directory"
    outlet.close()


@pytest.mark.parametrize("url", ["ftp://x/", "x", "http://", "http://[::1", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(KarnViewError, match="--webhook takes an address"):
        webhook(url)


@pytest.mark.parametrize("text", ["", "  ", "'"])
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(KarnViewError, match="--on-alert"):
        command(text)
