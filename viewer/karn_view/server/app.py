"""The application: page, interface and WebSocket behind one guard."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from karn_view.errors import KarnViewError
from karn_view.server import api, socket
from karn_view.server.access import Access
from karn_view.server.encode import encode_json
from karn_view.server.guard import Guard
from karn_view.server.hub import Hub

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent.parent / "static"


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / "index.html")


def _error(status: int, reason: str) -> Response:
    return Response(encode_json({"error": reason}), status, media_type="application/json")


async def _asked_wrongly(request: Request, error: Exception) -> Response:
    assert isinstance(error, KarnViewError)
    return _error(error.http_status, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, error.detail)


async def _machine(request: Request, error: Exception) -> Response:
    """The file system said no or nothing: that run's trouble, in the system's words."""
    words = getattr(error, "strerror", None) or "the file system does not answer"
    return _error(HTTPStatus.SERVICE_UNAVAILABLE, words)


async def _bug(request: Request, error: Exception) -> Response:
    return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "an error of the viewer; its log tells more")


def make_app(hub: Hub, access: Access) -> ASGIApp:
    """The whole server as one ASGI application; the hub's library is served, not owned."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        hub.bind(asyncio.get_running_loop())
        yield

    app = Starlette(
        routes=[
            Route("/", _page),
            *api.routes,
            WebSocketRoute("/ws", socket.serve),
            Mount("/", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={
            KarnViewError: _asked_wrongly,
            HTTPException: _http_error,
            OSError: _machine,
            Exception: _bug,
        },
        lifespan=lifespan,
    )
    app.state.hub = hub
    app.state.started = time.monotonic()
    return Guard(app, access)
