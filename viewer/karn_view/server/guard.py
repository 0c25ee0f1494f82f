"""One gate around everything, which refuses by default; its headers on every answer. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from karn_view.server.access import Access

METHODS = ("GET", "HEAD")


def security_headers(sockets: str = "") -> list[tuple[bytes, bytes]]:
    """On every answer, unless it has its own.

    Args:
        sockets: Where a page may open a WebSocket, besides ``'self'``.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    ]


class Refusal(Exception):
    """Why a request is not let in."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Guard:
    """The outermost ASGI application: refuses by default, and puts its headers on every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] not in ("http", "websocket"):
            raise RuntimeError(f"unknown kind of connection: {scope['type']}")
        headers = _Headers(scope["headers"])
        asked = self._asked(scope, headers)
        send = _with_headers(send, security_headers(self._sockets(asked)))
        try:
            secret = self._admit(scope, headers, asked)
        except Refusal as refusal:
            await _refuse(scope, send, refusal)
            return
        if secret and scope["type"] == "http" and not _is_api(scope["path"], self._access):
            await self._redirect_without_token(scope, send, secret, asked)
            return
        await self._app(_without_prefix(scope, self._access.root_path), receive, send)

    def _asked(self, scope: Scope, headers: "_Headers") -> "_Asked":
        """What the browser asked for, by the proxy's word where that one is trusted."""
        hosts, schemes = headers.all(b"host"), []
        client = scope.get("client")
        if client is not None and client[0] in self._access.proxies:
            hosts = headers.all(b"x-forwarded-host") or hosts
            schemes = headers.all(b"x-forwarded-proto")
        return _Asked(hosts, schemes)

    def _admit(self, scope: Scope, headers: "_Headers", asked: "_Asked") -> str | None:
        """Returns the token when it came in the URL; raises ``Refusal`` unless all is well."""
        access = self._access
        if len(asked.hosts) != 1 or len(asked.schemes) > 1 or not scope["path"].startswith("/"):
            raise Refusal(HTTPStatus.BAD_REQUEST, "one Host and a path, please")
        if not access.allows_host(asked.hosts[0], scope.get("server")):
            raise Refusal(
                HTTPStatus.FORBIDDEN, "this Host is not served here; --allow-host NAME allows one"
            )
        if scope["type"] == "http" and scope["method"] not in METHODS:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "GET and HEAD only")
        self._check_origin(scope, headers, asked)
        if access.token is None:
            return None
        return self._check_token(scope, headers)

    def _check_origin(self, scope: Scope, headers: "_Headers", asked: "_Asked") -> None:
        site = headers.all(b"sec-fetch-site")
        if any(value not in ("same-origin", "none") for value in site):
            raise Refusal(HTTPStatus.FORBIDDEN, "another site asks")
        origins = headers.all(b"origin")
        for origin in origins:
            if not self._access.allows_origin(origin, asked.hosts[0], asked.scheme):
                raise Refusal(HTTPStatus.FORBIDDEN, "another origin asks")
        if len(origins) > 1:
            raise Refusal(HTTPStatus.BAD_REQUEST, "one Origin only")
        anonymous = scope["type"] == "websocket" and not origins and self._access.token is not None
        if anonymous and not self._explicit_token(scope, headers):
            raise Refusal(
                HTTPStatus.FORBIDDEN, "a WebSocket brings an Origin, or a token of its own"
            )

    def _check_token(self, scope: Scope, headers: "_Headers") -> str | None:
        text: str = scope["query_string"].decode("latin-1")
        query = parse_qs(text).get("token", [])
        if len(query) == 1 and self._access.knows(query[0]):
            return query[0]
        if not query and any(map(self._access.knows, self._carried(headers))):
            return None
        raise Refusal(
            HTTPStatus.UNAUTHORIZED,
            "a token is needed: open the address that karn-view printed when it started",
        )

    def _explicit_token(self, scope: Scope, headers: "_Headers") -> bool:
        return b"token=" in scope["query_string"] or bool(headers.all(b"authorization"))

    def _carried(self, headers: "_Headers") -> Iterable[str]:
        for value in headers.all(b"authorization"):
            scheme, _, secret = value.partition(" ")
            if scheme.lower() == "bearer":
                yield secret.strip()
        for value in headers.all(b"cookie"):
            try:
                morsel = SimpleCookie(value).get(self._access.cookie)
            except CookieError:
                continue
            if morsel is not None:
                yield morsel.value

    async def _redirect_without_token(
        self, scope: Scope, send: Send, secret: str, asked: "_Asked"
    ) -> None:
        """The token leaves the address bar at once and lives on in a cookie."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode([(key, value) for key, value in query if key != "token"])
        location = "./" + scope["path"].rpartition("/")[2] + (f"?{rest}" if rest else "")
        cookie = f"{self._access.cookie}={secret}; HttpOnly; SameSite=Strict; Path=/"
        if asked.scheme == "https":
            cookie += "; Secure"
        headers = [(b"location", location.encode()), (b"set-cookie", cookie.encode())]
        await _answer(send, HTTPStatus.SEE_OTHER, headers, b"")

    def _sockets(self, asked: "_Asked") -> str:
        """The WebSocket's address, as older Safari does not count ws: as 'self'."""
        if len(asked.hosts) != 1 or not self._access.allows_host(asked.hosts[0], None):
            return ""  # a Host is checked before it is repeated
        return f" ws://{asked.hosts[0]} wss://{asked.hosts[0]}"


@dataclass(frozen=True)
class _Asked:
    hosts: list[str]
    schemes: list[str]

    @property
    def scheme(self) -> str | None:
        return self.schemes[0] if self.schemes else None


class _Headers:
    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = list(raw)

    def all(self, name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in self._raw if key.lower() == name]


def _is_api(path: str, access: Access) -> bool:
    return path.removeprefix(access.root_path).lstrip("/").startswith("api/")


def _without_prefix(scope: Scope, prefix: str) -> Scope:
    """The path as the routes know it, whether or not the proxy took its prefix off."""
    if not prefix or not scope["path"].startswith(f"{prefix}/"):
        return scope
    return {**scope, "path": scope["path"].removeprefix(prefix), "root_path": ""}


def _with_headers(send: Send, extra: list[tuple[bytes, bytes]]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            names = {key.lower() for key, _ in message.get("headers", [])}
            added = [header for header in extra if header[0] not in names]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    body = f"{refusal}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if refusal.status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", ", ".join(METHODS).encode()))
    if scope["type"] == "http":
        await _answer(send, refusal.status, headers, body)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await _answer(send, refusal.status, headers, body, kind="websocket.http.response")
    else:
        await send({"type": "websocket.close", "code": 1008})


async def _answer(
    send: Send,
    status: HTTPStatus,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    kind: str = "http.response",
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": f"{kind}.start", "status": status, "headers": [*headers, length]})
    await send({"type": f"{kind}.body", "body": body})
