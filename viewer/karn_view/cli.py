"""The command ``karn-view``: arguments in, a running server out."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

from karn_view import __version__, forerunners
from karn_view.errors import CannotServe, KarnViewError
from karn_view.imports import uncollected
from karn_view.kept import is_kept
from karn_view.secret import TOKEN
from karn_view.worker import Worker

Answer = TypeVar("Answer")

DEFAULT_PORT = 8000
ANSWERS_S = 2.0
ENVIRONMENT = "KARN_VIEW_"
NUMPYS = {"OPENBLAS_NUM_THREADS": "1", "NUMPY_MADVISE_HUGEPAGE": "0"}
"""Read when numpy is imported. It begins no threads for matrices, which wait for work by computing;
and a column takes memory for what it holds, not for the rest of a huge page.

https://numpy.org/doc/stable/reference/global_state.html
"""
SIZES = {"K": 10, "M": 20, "G": 30, "T": 40}
COMMANDS = {"check": "karn_view.check", "export": "karn_view.export.command"}
"""Where a command has its `parser` and what runs it."""


def parser() -> argparse.ArgumentParser:
    """The command's arguments; every option may also come as ``KARN_VIEW_<OPTION>``."""
    made = argparse.ArgumentParser(
        prog="karn-view",
        description="Watch, replay and compare training runs written as JSON lines.",
        epilog="karn-view check PATH reports on run files as a linter would; karn-view export RUN "
        "makes one HTML file of a run, or CSV or Parquet. Every option may also be set as an "
        "environment variable, such as KARN_VIEW_PORT.",
    )
    made.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a run file (waited for if it does not exist yet), a folder of them, or - for "
        "standard input (default: this folder)",
    )
    serving = made.add_argument_group("serving")
    serving.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serving.add_argument(
        "--port",
        type=_port,
        help=f"port to listen on, 0 for any (default: the first free one from {DEFAULT_PORT})",
    )
    serving.add_argument(
        "--open",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="open the page in a browser (default: no)",
    )
    serving.add_argument(
        "--root-path",
        type=_prefix,
        default="",
        metavar="PREFIX",
        help="where a reverse proxy shows this server, such as /karn",
    )
    secret = serving.add_mutually_exclusive_group()
    secret.add_argument(
        "--token",
        type=_token,
        help="the secret in the address (default: a new one each start); other users of this "
        "machine can read a command line, but not KARN_VIEW_TOKEN",
    )
    secret.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="take the token from this file, which nobody else may read; made if it is missing",
    )
    secret.add_argument(
        "--no-token", action="store_true", help="let in every user of this machine; loopback only"
    )
    serving.add_argument(
        "--allow-host",
        type=_host,
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which a reverse proxy shows this server; may be repeated",
    )
    serving.add_argument(
        "--trusted-proxy",
        type=_address,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="believe X-Forwarded-Host and X-Forwarded-Proto from this address; may be repeated",
    )
    reading = made.add_argument_group("reading")
    reading.add_argument("--x", metavar="KEY", help="the key that is the step axis of a file")
    reading.add_argument("--time", metavar="KEY", help="the key that is the clock of a file")
    reading.add_argument(
        "--follow",
        choices=("auto", "inotify", "polling"),
        default="auto",
        help="by what growth is noticed: auto takes inotify on file systems of this machine and "
        "polling on those that other machines write to (%(default)s)",
    )
    reading.add_argument(
        "--memory",
        type=_size,
        metavar="SIZE",
        help="how much memory the numbers of all runs may take, such as 2G; what is more is kept "
        "in nameless files in the cache folder (default: no limit)",
    )
    reading.add_argument(
        "--no-cache",
        action="store_true",
        help="neither use nor make the files in the cache folder by which a large run file is "
        "there at once the next time",
    )
    reading.add_argument(
        "--cache-size",
        type=_size,
        default="8G",
        metavar="SIZE",
        help="how large these files may be together; those not used for longest go (%(default)s)",
    )
    alerting = made.add_argument_group(
        "alerts, sent while this runs, whether a page is open or not"
    )
    alerting.add_argument(
        "--alerts", type=Path, metavar="FILE", help="rules of your own, [[alert]] tables in TOML"
    )
    alerting.add_argument("--webhook", metavar="URL", help="POST each alert there as JSON")
    alerting.add_argument(
        "--on-alert",
        metavar="COMMAND",
        help="run it for each alert, without a shell, the alert as JSON on its standard input",
    )
    made.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="warning",
        help="how much to say on stderr (%(default)s)",
    )
    made.add_argument("--version", action="version", version=f"karn-view {__version__}")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Returns:
        0 when it stopped by itself, 1 when the machine says no, 2 when asked wrongly, 130 after
        Ctrl-C; of ``karn-view check`` what it found.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        if given and given[0] in COMMANDS:
            return _command(given[0], given[1:])
        made = parser()
        return _serve(made.parse_args([*_from_environment(made), *given]))
    except KarnViewError as error:
        print(f"karn-view: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _command(name: str, given: Sequence[str]) -> int:
    """Runs one of ``COMMANDS``; a file of such a name is opened as ``./check``."""
    try:
        module = import_module(COMMANDS[name])
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    made: argparse.ArgumentParser = module.parser()
    code: int = module.run(made.parse_args([*_from_environment(made), *given]))
    return code


@contextmanager
def _numpys_environment() -> Iterator[None]:
    """Around the import of numpy alone: nothing that is begun later has it."""
    given = {name: os.environ.get(name) for name in NUMPYS}
    os.environ.update(NUMPYS)
    try:
        yield
    finally:
        for name, value in given.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _missing(error: ModuleNotFoundError) -> CannotServe:
    return CannotServe(
        f'{error.name} is not installed: pip install "karn[view]" brings what the viewer needs'
    )


def _serve(arguments: argparse.Namespace) -> int:
    paths = [_path(text) for text in arguments.paths]
    known = set() if arguments.no_cache else _known(paths, (arguments.x, arguments.time))
    forerunners.begin_for(path for path in paths if path not in known)
    try:
        with uncollected(), _numpys_environment():
            from karn_view.serving import Options, serve
        serve(Options(**{**vars(arguments), "paths": paths}, is_known=bool(known)))
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    return 0


def _path(text: str) -> Path | None:
    """A path to follow, None for standard input.

    A file may be missing as long as its folder is there: then it is waited for.

    Raises:
        KarnViewError: Nothing could ever appear there.
    """
    if text == "-":
        return None
    path = Path(text)
    if not text or _is_nowhere(path):
        raise KarnViewError(
            f"no such file or folder: {text!r}, nor its folder {str(path.parent)!r}"
        )
    return path


def _is_nowhere(path: Path) -> bool:
    """Whether neither a path nor its folder is there. One that does not answer may be there."""
    found = _answer(lambda: path.exists() or path.is_symlink() or path.parent.is_dir())
    return found is False


def _known(paths: Sequence[Path | None], overrides: Sequence[str | None]) -> set[Path]:
    """Those of which something was kept. A cache that does not answer has nothing."""
    named = [path for path in paths if path is not None]
    return _answer(lambda: {path for path in named if is_kept(path, overrides)}) or set()


def _answer(ask: Callable[[], Answer]) -> Answer | None:
    """What a file system says, None if it refuses or says nothing for long, as a mount may."""
    asking = Worker("ask")
    try:
        return asking.submit(ask).result(ANSWERS_S)
    except OSError:  # such as TimeoutError
        return None
    finally:
        asking.shutdown()


def _token(text: str) -> str:
    """A secret that survives an address and a cookie as it is."""
    if not TOKEN.fullmatch(text):
        raise argparse.ArgumentTypeError("a token is made of letters, digits and . _ ~ - only")
    return text


def _prefix(text: str) -> str:
    """A path without its last slash."""
    prefix = text.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*", prefix):
        raise argparse.ArgumentTypeError(f"a prefix is a path such as /karn, not {text!r}")
    return prefix


def _host(text: str) -> str:
    """A name as a browser sends it; no pattern, as a pattern lets in more than was meant."""
    if not re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"a host is a name or name:port, not {text!r}")
    return text.lower()


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"a proxy is an IP address, not {text!r}") from error


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _size(text: str) -> int:
    """Bytes from a number with K, M, G or T behind it."""
    found = re.fullmatch(r"([0-9]{1,6})([KMGT])(i?B)?", text, re.ASCII | re.IGNORECASE)
    if found is None:
        raise argparse.ArgumentTypeError(f"a size is such as 500M or 2G, not {text!r}")
    return int(found[1]) << SIZES[found[2].upper()]


def _from_environment(made: argparse.ArgumentParser) -> list[str]:
    """Arguments that ``KARN_VIEW_*`` variables stand for; those of the command line come after."""
    found: list[str] = []
    for action in made._option_string_actions.values():
        value = os.environ.get(ENVIRONMENT + action.dest.upper())
        option = action.option_strings[0] if action.option_strings else ""
        if value is None or option in found or action.dest in ("help", "version"):
            continue
        if action.nargs == 0:
            found += [option] if value.lower() in ("1", "true", "yes") else []
        else:
            found += [option, value]
    return found
