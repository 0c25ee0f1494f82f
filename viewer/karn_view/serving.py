"""A server from its start to its end: port, token, the one line that says where it is."""

import asyncio
import logging
import resource
import socket
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karn_view import __version__
from karn_view.alerting import Alerting
from karn_view.cache import Cache
from karn_view.ending import at_end
from karn_view.errors import CannotServe, KarnViewError
from karn_view.followed import Asked
from karn_view.formats.rows import Overrides
from karn_view.imports import uncollected
from karn_view.kept import cache_folder
from karn_view.library import Library
from karn_view.memory import Memory
from karn_view.outlet import command, webhook
from karn_view.rules import USUAL, OwnRule, read_rules
from karn_view.run import Run
from karn_view.secret import kept_token, new_token
from karn_view.server.access import Access
from karn_view.server.hub import Hub
from karn_view.sources.stdin import spool_stdin
from karn_view.store.column import Allocate, anonymous
from karn_view.terminal import Readings, printable
from karn_view.worker import Worker

FIRST_PORT = 8000
PORTS_TRIED = 100
FILES_WANTED = 65_536
UNSENT_BYTES = 128 << 10
SWITCH_S = 0.0001
"""A thread that computes gives the interpreter away after this time when another one wants it. The
event loop wants it back after each system call, as does a thread that looks at thousands of files.
"""
Serve = Callable[[Hub, Access, socket.socket, Callable[[], None]], Coroutine[Any, Any, None]]
TOLD_MOST = 3
"""So many paths are named where the viewer says what it follows."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Options:
    """What the command was asked for, by its options' names; a path of None is standard input.

    Attributes:
        is_known: Something was kept of one of the paths.
    """

    paths: list[Path | None]
    host: str
    port: int | None
    open: bool
    token: str | None
    token_file: Path | None
    no_token: bool
    root_path: str
    allow_host: list[str]
    trusted_proxy: list[str]
    log_level: str
    x: str | None
    time: str | None
    follow: Asked
    memory: int | None
    no_cache: bool
    cache_size: int
    is_known: bool
    alerts: Path | None
    webhook: str | None
    on_alert: str | None


def serve(options: Options) -> None:
    """Serves until a signal ends it.

    Raises:
        KarnViewError: The options do not go together.
        CannotServe: The port is taken or may not be used.
        KeyboardInterrupt: Ctrl-C.
    """
    if options.no_token and options.host not in LOOPBACK:
        raise KarnViewError("--no-token is for loopback only: anybody on the network could read")
    _allow_many_files()
    sys.setswitchinterval(SWITCH_S)
    logging.basicConfig(
        level=options.log_level.upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    token = _token(options)
    alerting = _alerting(options)
    listening = _listen(options)
    access = Access(
        token=token,
        port=listening.getsockname()[1],
        names=frozenset(options.allow_host),
        root_path=options.root_path,
        open_to_addresses=options.host not in LOOPBACK,
        proxies=frozenset(options.trusted_proxy),
    )
    asyncio.run(_serve(options, listening, access, alerting))


def _allocate(options: Options) -> Allocate:
    if options.memory is None:
        return anonymous
    return Memory(options.memory, cache_folder()).allocate


def _cache(options: Options) -> Cache | None:
    """None also with standard input, of which nothing is to outlive the process."""
    if options.no_cache or None in options.paths:
        return None
    cache = Cache(cache_folder(), options.cache_size)
    if options.is_known:
        cache.prepare()
    return cache


def _token(options: Options) -> str | None:
    if options.no_token:
        return None
    if options.token_file is not None:
        return kept_token(options.token_file)
    return options.token or new_token()


def _alerting(options: Options) -> Alerting:
    """Rules and outlets as asked for.

    Raises:
        KarnViewError: A rule, an address or a command is none.
    """
    rules, tuning = list[OwnRule](), USUAL
    if options.alerts is not None:
        try:
            rules, tuning = read_rules(options.alerts.read_text())
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or "not a text file"
            raise KarnViewError(f"--alerts {options.alerts}: {words}") from None
        except KarnViewError as error:
            raise KarnViewError(f"--alerts {options.alerts}: {error}") from None
    outlets = [webhook(options.webhook)] if options.webhook else []
    outlets += [command(options.on_alert)] if options.on_alert else []
    return Alerting(rules, outlets, tuning=tuning)


async def _serve(
    options: Options, listening: socket.socket, access: Access, alerting: Alerting
) -> None:
    hub, readings = Hub(), Readings()

    def notice(run: Run) -> None:
        if run.is_reading:
            readings.show(run.name, run.tail.whole_bytes, run.current.end)
        else:
            readings.clear(run.name)
        hub.notice(run)

    hub.alerting = alerting
    alerting.changed = hub.alerting_changed
    if not options.is_known:
        _server()  # reading would compete with it; what is known of a file is mostly hashed
    opener, cache = Worker("open"), _cache(options)
    at_end(readings.close)
    if cache is not None:
        at_end(cache.close)
    opening = opener.submit(
        Library,
        [spool_stdin() if path is None else path for path in options.paths],
        overrides=Overrides(options.x, options.time),
        notice=notice,
        listed=hub.listed,
        asked=options.follow,
        allocate=_allocate(options),
        cache=cache,
    )
    try:
        run = _server()
        hub.library = opening.result()
        await run(hub, access, listening, lambda: _say(options, access))
    finally:
        opening.result().close()
        opener.shutdown()
        if cache is not None:
            cache.close()
        readings.close()
        alerting.close()


def _server() -> Serve:
    """What serves a library, imported when it is asked for: a third of what a start takes."""
    with uncollected():
        from karn_view.server.running import run
    return run


def _say(options: Options, access: Access) -> None:
    host = options.host if options.host not in ("0.0.0.0", "::") else "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    query = f"?token={access.token}" if access.token else ""
    url = f"http://{shown}:{access.port}{access.root_path}/{query}"
    told = ["standard input" if path is None else str(path) for path in options.paths[:TOLD_MOST]]
    more = len(options.paths) - len(told)
    what = ", ".join(told) + (f" and {more} more" if more else "")
    print(f"karn-view {__version__}  {url}  following {printable(what)}", flush=True)
    if access.open_to_addresses:
        logging.getLogger(__name__).warning(
            "listening beyond this machine: whoever has the token can read these runs, their "
            "names and their places; without TLS the token can be read on the way"
        )
    if options.open:
        import webbrowser

        webbrowser.open(url)


def _allow_many_files() -> None:
    """Each followed run and each client holds a descriptor: takes as many as the system grants."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if most == resource.RLIM_INFINITY else min(most, FILES_WANTED)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _listen(options: Options) -> socket.socket:
    """A bound socket: the port that was asked for, or the first free one from ``FIRST_PORT``."""
    if options.port is not None:
        try:
            return bind(options.host, options.port)
        except OSError as error:
            raise CannotServe(
                f"cannot listen on {options.host}:{options.port}: {error.strerror}; "
                "--port 0 takes any free port"
            ) from error
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        try:
            return bind(options.host, port)
        except OSError as error:
            failure = error
    raise CannotServe(f"cannot listen on {options.host}: {failure.strerror}")


def bind(host: str, port: int) -> socket.socket:
    """A socket on whose connections asyncio sends each message at once, as it says that it is TCP.

    Else a second one would wait until the peer has acknowledged the first: 40 ms, says Linux.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A peer that takes nothing is noticed once this is full, not after megabytes. Inherited.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        if family == socket.AF_INET6:  # or ::  would listen on every IPv4 address too
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
