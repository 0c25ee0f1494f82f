"""A server from its start to its end: port, token, the one line that says where it is."""

import asyncio
import gc
import logging
import resource
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from karn_view import __version__
from karn_view.alerting import Alerting
from karn_view.cache import Cache
from karn_view.errors import CannotServe, KarnViewError
from karn_view.followed import Asked
from karn_view.formats.rows import Overrides
from karn_view.kept import cache_folder
from karn_view.library import Library
from karn_view.memory import Memory
from karn_view.outlet import command, webhook
from karn_view.rules import USUAL, OwnRule, read_rules
from karn_view.run import Run
from karn_view.secret import kept_token, new_token
from karn_view.server.access import Access
from karn_view.server.app import make_app
from karn_view.server.connection import Connections, Http, WebSocket
from karn_view.server.hub import Hub
from karn_view.server.limits import HEAD_BYTES, IDLE_S, MESSAGE_BYTES, STOP_S, WAITING_MOST
from karn_view.sources.stdin import spool_stdin
from karn_view.store.column import Allocate, anonymous
from karn_view.terminal import Readings, printable

FIRST_PORT = 8000
PORTS_TRIED = 100
FILES_WANTED = 65_536
UNSENT_BYTES = 128 << 10
SWITCH_S = 0.0001
"""A thread that computes gives the interpreter away after this time when another one wants it. The
event loop wants it back after each system call, as does a thread that looks at thousands of files.
"""
DATE_S = 1.0
"""How often the header ``date`` is made anew."""
COLLECTED_AT = (400, 3, 800)
"""Few objects are part of cycles, and each look at all that are old holds everything for a while:
there is one after 1,000,000 new objects, where Python would have one after 70,000. Those at the
young ones are short: 1,200 descriptions of runs take 6 ms."""
TOLD_MOST = 3
"""So many paths are named where the viewer says what it follows."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Options:
    """What the command was asked for. ``None`` among the paths is standard input."""

    paths: list[Path | None]
    host: str
    port: int | None
    open_browser: bool
    token: str | None
    token_file: Path | None
    no_token: bool
    root_path: str
    names: frozenset[str]
    proxies: frozenset[str]
    log_level: str
    x: str | None
    time: str | None
    follow: Asked
    memory: int | None
    cache: bool
    cache_size: int
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
        names=options.names,
        root_path=options.root_path,
        open_to_addresses=options.host not in LOOPBACK,
        proxies=options.proxies,
    )
    asyncio.run(_serve(options, listening, access, alerting))


def _allocate(options: Options) -> Allocate:
    if options.memory is None:
        return anonymous
    return Memory(options.memory, cache_folder()).allocate


def _cache(options: Options) -> Cache | None:
    """None also with standard input, of which nothing is to outlive the process."""
    if not options.cache or None in options.paths:
        return None
    return Cache(cache_folder(), options.cache_size)


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
        if run.current.sketch is None:
            readings.clear(run.name)
        else:
            readings.show(run.name, run.tail.size, run.current.end)
        hub.notice(run)

    hub.alerting = alerting
    alerting.changed = hub.alerting_changed
    hub.library = Library(
        [spool_stdin() if path is None else path for path in options.paths],
        overrides=Overrides(options.x, options.time),
        notice=notice,
        listed=hub.listed,
        asked=options.follow,
        allocate=_allocate(options),
        cache=_cache(options),
    )
    config = uvicorn.Config(
        make_app(hub, access),
        http=Http,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=IDLE_S,
        backlog=WAITING_MOST // 2,  # those who come at once do not push out each other
        ws=WebSocket,
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_BYTES,
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="error",  # below that it repeats addresses, and so tokens
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_S,
    )
    server = _Server(config, lambda: _say(options, access))
    try:
        await server.serve(sockets=[listening])
    finally:
        hub.library.close()
        readings.close()
        alerting.close()


class _Server(uvicorn.Server):
    """A server that says where it is once it listens, not before."""

    def __init__(self, config: uvicorn.Config, say: Callable[[], None]) -> None:
        super().__init__(config)
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.server_state = Connections(min(WAITING_MOST, descriptors // 4))
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what was imported stays; each look at all of it would hold everything 14 ms
        gc.set_threshold(*COLLECTED_AT)
        self._say()

    async def main_loop(self) -> None:
        """Waits to be told to end; uvicorn's own looks ten times a second whether it was."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(DATE_S):
                    await self._told.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._told.set)


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
    if options.open_browser:
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
