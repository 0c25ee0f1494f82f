import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from karn_view.formats.rows import Overrides
from karn_view.library import Library
from karn_view.server import socket
from karn_view.server.access import Access
from karn_view.server.app import make_app
from karn_view.server.hub import Hub
from karn_view.server.pace import Pace
from starlette.testclient import TestClient, WebSocketDenialResponse

NAME = "testserver"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    made = Hub()
    made.library = Library(
        [tmp_path / "run.jsonl"],
        overrides=Overrides(None, None),
        notice=made.notice,
        listed=made.listed,
    )
    yield made
    made.library.close()


@pytest.fixture
def client(hub: Hub) -> Iterator[TestClient]:
    app = make_app(hub, Access(None, 80, frozenset({NAME})))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_an_error_of_the_viewer_tells_nothing_of_this_machine(
    hub: Hub, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Any:
        raise ValueError("/home/somebody/secret")

    monkeypatch.setattr(hub.library, "describe", fail)
    answer = client.get("/api/runs")
    assert answer.status_code == 500
    assert answer.json() == {"error": "an error of the viewer; its log tells more"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in answer.headers


def test_more_clients_than_the_limit_are_told_to_come_later(
    hub: Hub, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "CLIENTS_MOST", 1)
    hub.add(lambda run: None)
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/ws"):
        pass
    assert refused.value.status_code == 503
    assert refused.value.text == "1 clients are served already; try again later\n"


def test_who_waited_for_a_turn_is_counted_after_it(
    hub: Hub, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "CLIENTS_MOST", 1)
    hub.arrivals = Pace(1, 1.0)
    for _ in range(2):
        hub.arrivals.wait_s(time.monotonic())
    threading.Timer(0.2, hub.add, [lambda run: None]).start()
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/ws"):
        pass
    assert refused.value.text == "1 clients are served already; try again later\n"


def test_more_clients_at_once_than_their_turn_allows_are_told_to_come_later(
    hub: Hub, client: TestClient
) -> None:
    hub.arrivals = Pace(0.1, 1.0)
    hub.arrivals.wait_s(time.monotonic())
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/ws"):
        pass
    assert refused.value.status_code == 503
    assert refused.value.text == "too many clients arrive at once; try again later\n"
