"""Who is let in, request by request, without a server."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from karn_view.server.access import Access
from karn_view.server.guard import Guard
from starlette.types import Message, Receive, Scope, Send

PORT = 8123
TOKEN = "s3cret-token_of-this-server"
HOST = (b"host", b"127.0.0.1:8123")
BEARER = (b"authorization", b"Bearer " + TOKEN.encode())
OPEN = Access(None, PORT)
LOCKED = Access(TOKEN, PORT)

Headers = Sequence[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """What came back; ``scope`` is what the inner application saw, None when it saw nothing."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    scope: Scope | None
    sent: list[Message]

    def header(self, name: bytes) -> bytes:
        (value,) = [value for key, value in self.headers if key == name]
        return value


def ask(
    access: Access,
    *headers: tuple[bytes, bytes],
    path: str = "/",
    query: bytes = b"",
    method: str = "GET",
    type: str = "http",
    inner: Headers = (),
    **more: Any,
) -> Answer:
    seen: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": list(inner)})
            await send({"type": "http.response.body", "body": b"inside"})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})

    async def receive() -> Message:
        raise AssertionError("the guard reads no body")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": type, "path": path, "query_string": query, "headers": list(headers), **more}
    if type == "http":
        scope["method"] = method
    asyncio.run(Guard(app, access)(scope, receive, send))
    start: Message = sent[0] if sent else {"type": "nothing"}
    body = b"".join(message.get("body", b"") for message in sent)
    given = list(start.get("headers", []))
    return Answer(start.get("status", 0), given, body, seen[0] if seen else None, sent)


def host(name: str) -> tuple[bytes, bytes]:
    return b"host", name.encode("latin-1")


@pytest.mark.parametrize("name", ["127.0.0.1:8123", "localhost:8123", "[::1]:8123"])
def test_this_machine_is_served_under_its_names(name: str) -> None:
    assert ask(OPEN, host(name)).body == b"inside"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "evil.example",
        "evil.example:8123",
        "127.0.0.1.evil.com:8123",
        "localhost.evil.com:8123",
        "evil.com/127.0.0.1:8123",
        "evil@127.0.0.1:8123",
        "127.0.0.1:8124",
        "127.0.0.1:81230",
        "127.0.0.1:08123",
        "127.0.0.1:",
        "127.0.0.1",
        "localhost",
        "[::1]",
        "::1:8123",
        "[::1]:8124",
        "127.0.0.2:8123",
        "0.0.0.0:8123",
        "localhost.:8123",
        " localhost:8123",
        "\xff:8123",
    ],
)
def test_any_other_host_is_refused(name: str) -> None:
    answer = ask(OPEN, host(name))
    assert (answer.status, answer.scope) == (403, None)


@pytest.mark.parametrize("headers", [[], [HOST, HOST], [HOST, (b"Host", b"evil.example")]])
def test_a_request_has_exactly_one_host(headers: Headers) -> None:
    answer = ask(OPEN, *headers)
    assert (answer.status, answer.scope) == (400, None)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("runs.example", 200),
        ("runs.example:443", 200),
        ("exact.example:99", 200),
        ("exact.example", 403),
        ("exact.example:98", 403),
        ("sub.runs.example", 403),
        ("runs.example.evil.com", 403),
        (":443", 403),
    ],
)
def test_an_allowed_name_is_exact(name: str, status: int) -> None:
    access = Access(None, PORT, frozenset({"runs.example", "exact.example:99"}))
    assert ask(access, host(name)).status == status


@pytest.mark.parametrize(
    ("name", "server", "status"),
    [
        ("192.0.2.7:8123", ("192.0.2.7", PORT), 200),
        ("[2001:db8::7]:8123", ("2001:db8::7", PORT), 200),
        ("192.0.2.8:8123", ("192.0.2.7", PORT), 403),
        ("evil.example:8123", ("192.0.2.7", PORT), 403),
        ("192.0.2.7:8123", None, 403),
    ],
)
def test_beyond_loopback_the_address_that_was_connected_to_is_served(
    name: str, server: tuple[str, int] | None, status: int
) -> None:
    access = Access(TOKEN, PORT, open_to_addresses=True)
    assert ask(access, host(name), BEARER, server=server).status == status
    assert ask(LOCKED, host(name), BEARER, server=server).status == 403


@pytest.mark.parametrize("type", ["http", "websocket"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1.evil.com:8123",
        "http://evil-127.0.0.1:8123",
        "http://127.0.0.1:81234",
        "null",
        "",
        "https://127.0.0.1:8123",
        "http://127.0.0.1:8124",
        "http://127.0.0.1",
        "http://localhost:8123",
        "http://user@127.0.0.1:8123",
        "http://127.0.0.1:8123@evil.example",
        "http://127.0.0.1:8123/path",
        "http://127.0.0.1:8123?query",
        "http://127.0.0.1:8123#part",
        "file://127.0.0.1:8123",
        "ws://127.0.0.1:8123",
        "//127.0.0.1:8123",
        "127.0.0.1:8123",
        "http://[::1",
        "http://[x]:8123",
    ],
)
def test_another_origin_is_refused_even_with_the_token(type: str, origin: str) -> None:
    answer = ask(LOCKED, HOST, BEARER, (b"origin", origin.encode()), type=type)
    assert answer.scope is None
    assert answer.status == (403 if type == "http" else 0)


@pytest.mark.parametrize("type", ["http", "websocket"])
@pytest.mark.parametrize("name", ["127.0.0.1:8123", "[::1]:8123"])
def test_its_own_origin_is_let_in(type: str, name: str) -> None:
    origin = (b"origin", b"http://" + name.encode())
    assert ask(LOCKED, host(name), BEARER, origin, type=type).scope is not None


def test_two_origins_are_refused() -> None:
    own = (b"origin", b"http://127.0.0.1:8123")
    assert ask(OPEN, HOST, own, own).status == 400
    assert ask(OPEN, HOST, own, (b"origin", b"http://evil.example")).status == 403


def test_https_is_an_origin_of_a_proxied_name_only() -> None:
    access = Access(None, PORT, frozenset({"runs.example"}))
    origin = (b"origin", b"https://runs.example")
    assert ask(access, host("runs.example"), origin).status == 200
    assert ask(access, HOST, (b"origin", b"https://127.0.0.1:8123")).status == 403


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403), ("", 403)],
)
def test_a_browser_says_whether_another_site_asks(site: str, status: int) -> None:
    answer = ask(LOCKED, HOST, BEARER, (b"sec-fetch-site", site.encode()))
    assert answer.status == status


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", ""]
)
def test_nothing_can_be_changed(method: str) -> None:
    answer = ask(OPEN, HOST, method=method)
    assert (answer.status, answer.scope) == (405, None)
    assert answer.header(b"allow") == b"GET, HEAD"


def test_head_is_asked_like_get() -> None:
    assert ask(OPEN, HOST, method="HEAD").status == 200


COOKIE = b"karn_view_8123=" + TOKEN.encode()


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([BEARER], b""),
        ([(b"authorization", b"bearer  " + TOKEN.encode())], b""),
        ([(b"Authorization", b"BEARER " + TOKEN.encode())], b""),
        ([(b"cookie", COOKIE)], b""),
        ([(b"cookie", b"other=1; " + COOKIE + b"; more=2")], b""),
        ([(b"cookie", b"karn_view_9=old"), (b"cookie", COOKIE)], b""),
        ([(b"cookie", b"karn_view_8123=old"), BEARER], b""),
        ([], b"token=" + TOKEN.encode()),
        ([(b"cookie", b"karn_view_8123=old")], b"a=1&token=" + TOKEN.encode()),
    ],
)
def test_the_token_is_brought_in_any_of_three_ways(headers: Headers, query: bytes) -> None:
    assert ask(LOCKED, HOST, *headers, path="/api/runs", query=query).status == 200


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([], b""),
        ([], b"token="),
        ([], b"token=wrong"),
        ([], b"token=" + TOKEN[:-1].encode()),
        ([], b"token=" + TOKEN.encode() + b"x"),
        ([], b"token=" + TOKEN.upper().encode()),
        ([], b"token=%ff%fe"),
        ([], "token=schlüssel".encode("latin-1")),
        ([], b"token=" + TOKEN.encode() + b"&token=wrong"),
        ([], b"Token=" + TOKEN.encode()),
        ([BEARER], b"token=wrong"),
        ([(b"authorization", TOKEN.encode())], b""),
        ([(b"authorization", b"Basic " + TOKEN.encode())], b""),
        ([(b"authorization", b"Bearer")], b""),
        ([(b"authorization", b"Bearer " + TOKEN[:-1].encode())], b""),
        ([(b"authorization", b"Bearer \xff\xfe")], b""),
        ([(b"cookie", b"karn_view_8123=" + TOKEN[:-1].encode())], b""),
        ([(b"cookie", b"karn_view_8123=")], b""),
        ([(b"cookie", b"karn_view_8124=" + TOKEN.encode())], b""),
        ([(b"cookie", b"token=" + TOKEN.encode())], b""),
        ([(b"cookie", b"\x00\xff;;=;")], b""),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/runs", "/static/page.js", "/nothing"])
def test_without_the_whole_token_nothing_is_shown(
    headers: Headers, query: bytes, path: str
) -> None:
    answer = ask(LOCKED, HOST, *headers, path=path, query=query)
    assert (answer.status, answer.scope) == (401, None)
    assert TOKEN.encode() not in answer.body


def test_a_page_is_sent_to_its_address_without_the_token_which_becomes_a_cookie() -> None:
    query = b"run=a%26b&token=" + TOKEN.encode() + b"&empty="
    answer = ask(LOCKED, HOST, path="/page", query=query)
    assert (answer.status, answer.scope) == (303, None)
    assert answer.header(b"location") == b"./page?run=a%26b&empty="
    assert answer.header(b"set-cookie") == COOKIE + b"; HttpOnly; SameSite=Strict; Path=/"
    assert answer.header(b"cache-control") == b"no-store"


@pytest.mark.parametrize("path", ["/", "//evil.example/", "/karn/", "/a/b/"])
def test_a_redirect_never_leaves_its_folder(path: str) -> None:
    answer = ask(LOCKED, HOST, path=path, query=b"token=" + TOKEN.encode())
    assert answer.header(b"location") == b"./"


def test_a_token_in_the_address_is_answered_at_once_by_the_interface() -> None:
    answer = ask(LOCKED, HOST, path="/api/runs", query=b"token=" + TOKEN.encode())
    assert answer.body == b"inside"


def test_a_server_without_token_lets_everybody_of_this_machine_in() -> None:
    assert ask(OPEN, HOST, query=b"token=anything").body == b"inside"


OWN_ORIGIN = (b"origin", b"http://127.0.0.1:8123")


@pytest.mark.parametrize(
    ("headers", "query", "is_let_in"),
    [
        ([OWN_ORIGIN, (b"cookie", COOKIE)], b"", True),
        ([BEARER], b"", True),
        ([], b"token=" + TOKEN.encode(), True),
        ([(b"cookie", COOKIE)], b"", False),
        ([OWN_ORIGIN], b"", False),
        ([], b"token=wrong", False),
        ([], b"", False),
    ],
)
def test_a_socket_brings_its_origin_or_a_token_of_its_own(
    headers: Headers, query: bytes, is_let_in: bool
) -> None:
    answer = ask(LOCKED, HOST, *headers, type="websocket", path="/api/live", query=query)
    assert (answer.scope is not None) == is_let_in
    assert [message["type"] for message in answer.sent] == [
        "websocket.accept" if is_let_in else "websocket.close"
    ]


def test_a_refused_socket_is_told_why_where_the_server_can_say_it() -> None:
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    answer = ask(LOCKED, HOST, OWN_ORIGIN, type="websocket", extensions=extensions)
    assert [message["type"] for message in answer.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert answer.status == 401
    assert b"a token is needed" in answer.body
    assert answer.header(b"x-content-type-options") == b"nosniff"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, ask(LOCKED, HOST, BEARER)),
        (303, ask(LOCKED, HOST, query=b"token=" + TOKEN.encode())),
        (400, ask(LOCKED)),
        (401, ask(LOCKED, HOST)),
        (403, ask(LOCKED, host("evil.example"))),
        (405, ask(LOCKED, HOST, method="POST")),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
def test_every_answer_has_the_headers(status: int, answer: Answer) -> None:
    assert answer.status == status
    assert answer.header(b"x-content-type-options") == b"nosniff"
    assert answer.header(b"referrer-policy") == b"no-referrer"
    assert answer.header(b"cross-origin-resource-policy") == b"same-origin"
    assert answer.header(b"cross-origin-opener-policy") == b"same-origin"
    assert answer.header(b"cache-control") == b"no-store"
    policy = answer.header(b"content-security-policy")
    assert policy.startswith(b"default-src 'none'; script-src 'self'; ")
    assert b"frame-ancestors 'none'" in policy
    assert b"unsafe" not in policy
    assert b"evil" not in policy


def test_a_header_of_the_application_is_not_doubled() -> None:
    answer = ask(OPEN, HOST, inner=[(b"Cache-Control", b"max-age=9"), (b"referrer-policy", b"x")])
    assert [value for key, value in answer.headers if key.lower() == b"cache-control"] == [
        b"max-age=9"
    ]
    assert answer.header(b"referrer-policy") == b"x"


def test_a_socket_may_be_opened_to_the_host_that_was_asked() -> None:
    policy = ask(OPEN, HOST).header(b"content-security-policy")
    assert b"connect-src 'self' ws://127.0.0.1:8123 wss://127.0.0.1:8123;" in policy


def test_a_kind_of_connection_nobody_knows_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="unknown kind of connection: webtransport"):
        ask(OPEN, HOST, type="webtransport")


def test_the_start_and_end_of_the_server_pass() -> None:
    answer = ask(LOCKED, type="lifespan")
    assert answer.scope is not None
    assert answer.scope["type"] == "lifespan"


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/karn/api/runs", "/api/runs"),
        ("/karn/", "/"),
        ("/api/runs", "/api/runs"),
        ("/karnival/", "/karnival/"),
        ("/karn", "/karn"),
    ],
)
def test_a_prefix_is_taken_off_where_the_proxy_did_not(path: str, seen: str) -> None:
    scope = ask(Access(None, PORT, root_path="/karn"), HOST, path=path).scope
    assert scope is not None
    assert scope["path"] == seen


def test_behind_a_prefix_the_token_is_taken_off_pages_and_left_on_the_interface() -> None:
    access = Access(TOKEN, PORT, root_path="/karn")
    query = b"token=" + TOKEN.encode()
    page = ask(access, HOST, path="/karn/", query=query)
    assert (page.status, page.header(b"location")) == (303, b"./")
    assert ask(access, HOST, path="/karn/api/runs", query=query).body == b"inside"


PROXIED = Access(TOKEN, PORT, frozenset({"runs.example"}), proxies=frozenset({"192.0.2.1"}))
PROXY = ("192.0.2.1", 4711)
SAID = (host("127.0.0.1:8123"), (b"x-forwarded-host", b"runs.example"), BEARER)


@pytest.mark.parametrize(
    ("client", "scheme", "origin", "status"),
    [
        (PROXY, b"https", b"https://runs.example", 200),
        (PROXY, b"http", b"http://runs.example", 200),
        (PROXY, b"https", b"http://runs.example", 403),
        (PROXY, b"http", b"https://runs.example", 403),
        (PROXY, b"https", b"https://127.0.0.1:8123", 403),
        (("192.0.2.2", 4711), b"https", b"https://runs.example", 403),
        (None, b"https", b"https://runs.example", 403),
    ],
)
def test_what_was_forwarded_is_believed_from_a_trusted_proxy_alone(
    client: tuple[str, int] | None, scheme: bytes, origin: bytes, status: int
) -> None:
    more = ((b"x-forwarded-proto", scheme), (b"origin", origin))
    assert ask(PROXIED, *SAID, *more, client=client).status == status


@pytest.mark.parametrize("name", [b"x-forwarded-host", b"x-forwarded-proto"])
def test_a_proxy_says_each_thing_once(name: bytes) -> None:
    twice = ((name, b"runs.example"), (name, b"runs.example"))
    assert ask(PROXIED, HOST, BEARER, *twice, client=PROXY).status == 400


def test_a_forwarded_name_is_allowed_like_any_other() -> None:
    said = (b"x-forwarded-host", b"evil.example")
    assert ask(PROXIED, HOST, BEARER, said, client=PROXY).status == 403


@pytest.mark.parametrize(("scheme", "is_secure"), [(b"https", True), (b"http", False)])
def test_over_tls_the_cookie_is_for_tls_alone(scheme: bytes, is_secure: bool) -> None:
    said = (SAID[0], SAID[1], (b"x-forwarded-proto", scheme))
    answer = ask(PROXIED, *said, query=b"token=" + TOKEN.encode(), client=PROXY)
    assert answer.status == 303
    assert (b"; Secure" in answer.header(b"set-cookie")) == is_secure


@pytest.mark.parametrize("path", ["http://evil.example/", "*", "", "api/runs"])
def test_what_is_no_path_is_no_request(path: str) -> None:
    answer = ask(OPEN, HOST, path=path)
    assert (answer.status, answer.scope) == (400, None)
