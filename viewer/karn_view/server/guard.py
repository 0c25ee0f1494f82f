"""One gate around everything: exact Host, exact Origin, a token, GET and HEAD only. No I/O.

Loopback is no border of trust: any page in the same browser and any user of the same machine can
reach a port on it.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class Access:
    """Who may come in.

    Attributes:
        token: The secret that a request must bring; None lets everybody in who may connect.
        port: The port of this server, part of every allowed Host and of the cookie's name.
        names: Hosts allowed besides loopback, exact: ``name`` (any port) or ``name:port``.
        root_path: The prefix under which a reverse proxy shows this server, such as ``/karn``.
        open_to_addresses: The server listens beyond loopback, so its own addresses are allowed.
    """

    token: str | None
    port: int
    names: frozenset[str] = field(default_factory=frozenset)
    root_path: str = ""
    open_to_addresses: bool = False

    @property
    def cookie(self) -> str:
        """Cookies do not know ports, so the name tells two viewers of one machine apart."""
        return f"karn_view_{self.port}"

    def allows_host(self, host: str, server: tuple[str, int | None] | None) -> bool:
        if host in (f"{name}:{self.port}" for name in LOOPBACK_NAMES):
            return True
        if self._is_proxied(host):
            return True
        if not self.open_to_addresses or server is None:
            return False
        address = f"[{server[0]}]" if ":" in server[0] else server[0]
        return host == f"{address}:{self.port}"

    def allows_origin(self, origin: str, host: str) -> bool:
        """Same host and port as the request's own Host, by parsed parts."""
        try:
            parts = urlsplit(origin)
        except ValueError:  # a bracket that is no address
            return False
        rest = (parts.path, parts.query, parts.fragment)
        if parts.scheme not in ("http", "https") or any(rest) or "@" in parts.netloc:
            return False
        if parts.scheme == "https" and not self._is_proxied(host):
            return False
        return parts.netloc == host

    def _is_proxied(self, host: str) -> bool:
        return host in self.names or host.rpartition(":")[0] in self.names

    def knows(self, secret: str) -> bool:
        return self.token is not None and hmac.compare_digest(
            secret.encode(errors="replace"), self.token.encode()
        )


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
        send = _with_headers(send, self._security_headers(headers))
        try:
            secret = self._admit(scope, headers)
        except Refusal as refusal:
            await _refuse(scope, send, refusal)
            return
        if secret and scope["type"] == "http" and not _is_api(scope["path"], self._access):
            await self._redirect_without_token(scope, send, secret)
            return
        await self._app(_without_prefix(scope, self._access.root_path), receive, send)

    def _admit(self, scope: Scope, headers: "_Headers") -> str | None:
        """Returns the token when it came in the URL; raises ``Refusal`` unless all is well."""
        access = self._access
        hosts = headers.all(b"host")
        if len(hosts) != 1 or not access.allows_host(hosts[0], scope.get("server")):
            raise Refusal(
                HTTPStatus.BAD_REQUEST if len(hosts) != 1 else HTTPStatus.FORBIDDEN,
                "this Host is not served here; --allow-host NAME allows one",
            )
        if scope["type"] == "http" and scope["method"] not in METHODS:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "GET and HEAD only")
        self._check_origin(scope, headers, hosts[0])
        if access.token is None:
            return None
        return self._check_token(scope, headers)

    def _check_origin(self, scope: Scope, headers: "_Headers", host: str) -> None:
        site = headers.all(b"sec-fetch-site")
        if any(value not in ("same-origin", "none") for value in site):
            raise Refusal(HTTPStatus.FORBIDDEN, "another site asks")
        origins = headers.all(b"origin")
        if any(not self._access.allows_origin(origin, host) for origin in origins):
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

    async def _redirect_without_token(self, scope: Scope, send: Send, secret: str) -> None:
        """The token leaves the address bar at once and lives on in a cookie."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode([(key, value) for key, value in query if key != "token"])
        location = "./" + scope["path"].rpartition("/")[2] + (f"?{rest}" if rest else "")
        cookie = f"{self._access.cookie}={secret}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", location.encode()), (b"set-cookie", cookie.encode())]
        await _answer(send, HTTPStatus.SEE_OTHER, headers, b"")

    def _security_headers(self, headers: "_Headers") -> list[tuple[bytes, bytes]]:
        hosts = headers.all(b"host")
        # Older Safari does not count ws: as 'self'; the Host is checked before it is repeated.
        allowed = len(hosts) == 1 and self._access.allows_host(hosts[0], None)
        sockets = f" ws://{hosts[0]} wss://{hosts[0]}" if allowed else ""
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
        ]


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
            if b"cache-control" not in names:
                added.append((b"cache-control", b"no-store"))
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
