"""The token of a viewer: what it may be made of, and the file that keeps one for scripts."""

import os
import re
import secrets
import stat
from pathlib import Path

from karn_view.errors import CannotServe, KarnViewError

TOKEN = re.compile(r"[A-Za-z0-9._~-]+")
"""What survives an address and a cookie as it is."""
TOKEN_BYTES = 24
LENGTH_MOST = 1_000


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def kept_token(path: Path) -> str:
    """The token in a file that only its owner can read; made there if there is no file yet.

    Raises:
        KarnViewError: Others can read the file, or it holds no token.
        CannotServe: It cannot be read or made.
    """
    try:
        return _make(path)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise CannotServe(f"cannot make {str(path)!r}: {error.strerror}") from error


def _make(path: Path) -> str:
    token = new_token()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "w") as file:
            file.write(f"{token}\n")
    except OSError:
        os.unlink(path)  # or it would be one without a token from then on
        raise
    return token


def _read(path: Path) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                raise KarnViewError(
                    f"{str(path)!r} is no file of yours, and so no place for a token"
                )
            if stat.S_IMODE(status.st_mode) & 0o077:
                raise KarnViewError(f"others can read {str(path)!r}: chmod 600 it first")
            token = file.read(LENGTH_MOST + 2).decode(errors="replace").strip()
    except OSError as error:
        raise CannotServe(f"cannot read {str(path)!r}: {error.strerror}") from error
    if len(token) > LENGTH_MOST or not TOKEN.fullmatch(token):
        raise KarnViewError(f"{str(path)!r} holds no token; remove it, and a new one is made")
    return token
