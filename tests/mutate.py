"""Takes each protection of the viewer away, in a copy of it, and expects its tests to fail.

A test that passes without what it tests is none. `python tests/mutate.py` runs all of them, and
`python tests/mutate.py WORD ...` those whose description holds one of the words.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import karn_view

PACKAGE = Path(karn_view.__file__).parent
TESTS = Path(__file__).parent
WITHIN_S = 300
FAILED = 1
"""What pytest exits with when tests ran and some failed."""


class Mutation(NamedTuple):
    """One protection taken away: in a file, some text becomes another.

    Attributes:
        row: Of the list of threats in SECURITY.md.
        tests: What must fail then: a file, and with -k some of it.
    """

    row: int
    what: str
    file: str
    old: str
    new: str
    tests: str


GUARD = "server/guard.py"
ACCESS = "server/access.py"
CONNECTION = "server/connection.py"
GUARD_TESTS = "unit/karn_view/server/test_guard.py"
SERVER_TESTS = "integration/test_guarded_server.py"
CLIENT_TESTS = "fault/test_hostile_clients.py"
CACHE_TESTS = "unit/karn_view/cache/test_cache.py"

MUTATIONS = (
    Mutation(
        1,
        "listens on loopback",
        "cli.py",
        'default="127.0.0.1"',
        'default="0.0.0.0"',
        f"{SERVER_TESTS} -k loopback_alone",
    ),
    Mutation(
        1,
        "no --no-token beyond loopback",
        "serving.py",
        "if options.no_token and options.host not in LOOPBACK:",
        "if False:",
        "unit/karn_view/test_cli.py -k only_loopback",
    ),
    Mutation(
        2,
        "the whole token",
        ACCESS,
        'secret.encode(errors="replace"), self.token.encode()',
        'secret.encode(errors="replace"), self.token.encode()[: len(secret)]',
        GUARD_TESTS,
    ),
    Mutation(
        2,
        "constant time",
        ACCESS,
        "hmac.compare_digest(",
        "bytes.__eq__(",
        "unit/karn_view/server/test_access.py",
    ),
    Mutation(
        2, "the cookie's port", ACCESS, 'f"karn_view_{self.port}"', '"karn_view"', GUARD_TESTS
    ),
    Mutation(2, "HttpOnly", GUARD, "; HttpOnly; SameSite=Strict", "; SameSite=Strict", GUARD_TESTS),
    Mutation(2, "SameSite", GUARD, "; HttpOnly; SameSite=Strict", "; HttpOnly", GUARD_TESTS),
    Mutation(
        2, "the redirect", GUARD, "if secret and scope", "if not secret and scope", GUARD_TESTS
    ),
    Mutation(
        2,
        "no token in the log",
        "server/running.py",
        'log_level="error",',
        'log_level="debug",',
        f"{SERVER_TESTS} -k never_logged",
    ),
    Mutation(2, "no token in a Referer", GUARD, 'b"no-referrer"', 'b"unsafe-url"', GUARD_TESTS),
    Mutation(
        3,
        "sockets are guarded",
        GUARD,
        'if scope["type"] == "lifespan":',
        'if scope["type"] in ("lifespan", "websocket"):',
        GUARD_TESTS,
    ),
    Mutation(
        3,
        "unknown kinds are refused",
        GUARD,
        'if scope["type"] not in ("http", "websocket"):',
        "if False:",
        GUARD_TESTS,
    ),
    Mutation(
        4,
        "one Host",
        GUARD,
        "len(asked.hosts) != 1 or len",
        "len(asked.hosts) < 1 or len",
        GUARD_TESTS,
    ),
    Mutation(
        4,
        "the exact Host",
        ACCESS,
        'if host in (f"{name}:{self.port}" for name in LOOPBACK_NAMES):',
        "if host.startswith(LOOPBACK_NAMES):",
        GUARD_TESTS,
    ),
    Mutation(4, "a path", GUARD, ' or not scope["path"].startswith("/"):', ":", GUARD_TESTS),
    Mutation(
        5, "the exact Origin", ACCESS, "parts.netloc != host", "not origin.count(host)", GUARD_TESTS
    ),
    Mutation(
        5,
        "the Origin's scheme",
        ACCESS,
        "return parts.scheme == scheme",
        "return True",
        GUARD_TESTS,
    ),
    Mutation(
        5, "a socket's Origin", GUARD, "if anonymous and not", "if False and not", GUARD_TESTS
    ),
    Mutation(
        5,
        "only trusted proxies are believed",
        GUARD,
        "if client is not None and client[0] in self._access.proxies:",
        "if True:",
        GUARD_TESTS,
    ),
    Mutation(
        6,
        "GET and HEAD only",
        GUARD,
        'METHODS = ("GET", "HEAD")',
        'METHODS = ("GET", "HEAD", "POST", "DELETE")',
        GUARD_TESTS,
    ),
    Mutation(6, "Sec-Fetch-Site", GUARD, 'not in ("same-origin", "none")', "in ()", GUARD_TESTS),
    Mutation(7, "framing", GUARD, "\"frame-ancestors 'none'\"", '""', GUARD_TESTS),
    Mutation(7, "the policy's default", GUARD, "default-src 'none'", "default-src *", GUARD_TESTS),
    Mutation(
        7,
        "headers on every answer",
        GUARD,
        '"websocket.http.response.start"):',
        '"websocket.http.response.start") and message["status"] < 400:',
        GUARD_TESTS,
    ),
    Mutation(
        7,
        "headers on what is no HTTP",
        CONNECTION,
        "length, *security_headers()]",
        "length]",
        f"{SERVER_TESTS} -k no_http",
    ),
    Mutation(
        8,
        "text only",
        "static/js/dom.js",
        "textContent",
        "innerHTML",
        "unit/page/test_page_modules.py -k markup",
    ),
    Mutation(
        9,
        "confinement",
        "sources/opening.py",
        "if within is not None and not file.is_within(within):",
        "if False:",
        "integration/test_confined.py",
    ),
    Mutation(
        9,
        "confinement of the open file",
        "sources/file.py",
        'os.readlink(f"/proc/self/fd/{self._fd}")',
        "os.path.join(folder, 'x')",
        "integration/test_confined.py",
    ),
    Mutation(
        9,
        "regular files only",
        "finding.py",
        "if not stat.S_ISREG(status.st_mode):",
        "if False:",
        "integration/test_confined.py -k special",
    ),
    Mutation(
        10,
        "short messages",
        "server/limits.py",
        "MESSAGE_BYTES = 64 << 10",
        "MESSAGE_BYTES = 64 << 20",
        f"{SERVER_TESTS} -k too_long",
    ),
    Mutation(
        10,
        "no compression",
        "server/running.py",
        "ws_per_message_deflate=False",
        "ws_per_message_deflate=True",
        f"{SERVER_TESTS} -k compression",
    ),
    Mutation(
        10,
        "few messages",
        "server/socket.py",
        "now - times[0] < 1.0",
        "now < times[0]",
        f"{CLIENT_TESTS} -k floods",
    ),
    Mutation(
        10,
        "few frames",
        CONNECTION,
        "if most == FRAMES_A_SECOND + 1:",
        "if False:",
        f"{CLIENT_TESTS} -k fragments",
    ),
    Mutation(
        11,
        "what was sent is taken",
        CONNECTION,
        'self.start("take", TAKE_S,',
        'self.start("take", 9e9,',
        f"{CLIENT_TESTS} -k in_time",
    ),
    Mutation(
        12,
        "half a request",
        CONNECTION,
        'self.start("head", HEAD_S,',
        'self.start("head", 9e9,',
        "unit/karn_view/server/test_connection.py",
    ),
    Mutation(
        12,
        "many half requests",
        CONNECTION,
        "if len(waiting) > most:",
        "if False:",
        "unit/karn_view/server/test_connection.py",
    ),
    Mutation(
        12,
        "so many clients",
        "server/socket.py",
        "if self.hub.clients >= CLIENTS_MOST:",
        "if False:",
        "unit/karn_view/server/test_app.py",
    ),
    Mutation(
        12,
        "clients one after another",
        "server/pace.py",
        "if free_at - now > self._wait_s:",
        "if False:",
        "unit/karn_view/server/test_app.py",
    ),
    Mutation(
        13,
        "a stop in time",
        "server/running.py",
        "timeout_graceful_shutdown=STOP_S",
        "timeout_graceful_shutdown=None",
        f"{CLIENT_TESTS} -k ends_soon",
    ),
    Mutation(
        14,
        "names without end",
        "formats/namespace.py",
        "MOST_NAMES = 5_000",
        "MOST_NAMES = 10**9",
        "fault/test_hostile_files.py",
    ),
    Mutation(
        14,
        "deep nesting",
        "record.py",
        "RecursionError",
        "ZeroDivisionError",
        "fault/test_hostile_files.py",
    ),
    Mutation(
        15,
        "a bomb",
        "sources/compressed.py",
        "RATIO_MOST = ",
        "RATIO_MOST = 10**9 * ",
        "unit/karn_view/sources/test_compressed.py",
    ),
    Mutation(
        16,
        "nobody's modules",
        "forerunners.py",
        '"-P", ',
        "",
        "unit/karn_view/decoding/test_ahead.py -k started",
    ),
    Mutation(
        16,
        "read only",
        "sources/file.py",
        "FLAGS = os.O_RDONLY",
        "FLAGS = os.O_RDWR",
        "fault/test_leaves_no_trace.py -k changes_anything",
    ),
    Mutation(
        17,
        "nothing from elsewhere",
        "static/index.html",
        'href="icon.svg"',
        'href="https://cdn.example/icon.svg"',
        "unit/page/test_page_modules.py -k host",
    ),
    Mutation(
        18,
        "a token for its owner",
        "secret.py",
        "os.O_CLOEXEC, 0o600)",
        "os.O_CLOEXEC, 0o644)",
        "unit/karn_view/test_secret.py",
    ),
    Mutation(
        18,
        "a token of nobody else",
        "secret.py",
        "if stat.S_IMODE(status.st_mode) & 0o077:",
        "if False:",
        "unit/karn_view/test_secret.py",
    ),
    Mutation(
        18,
        "errors tell nothing",
        "server/app.py",
        '"an error of the viewer; its log tells more"',
        "str(error)",
        "unit/karn_view/server/test_app.py",
    ),
    Mutation(
        19,
        "the cache is this user's",
        "cache/shelf.py",
        "if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):",
        "if False:",
        f"{CACHE_TESTS} -k others_may",
    ),
    Mutation(
        19,
        "the cache is sealed",
        "cache/volume.py",
        "if not hmac.compare_digest(seal, _seal(head, secret)):",
        "if False:",
        f"{CACHE_TESTS} -k secret",
    ),
    Mutation(
        19,
        "the cache is as it was",
        "cache/volume.py",
        "if not all(_together(check, len(parts))):",
        "if not [*_together(check, len(parts))]:",
        f"{CACHE_TESTS} -k changed",
    ),
    Mutation(
        19,
        "the cache is of this version",
        "cache/cache.py",
        "if head.label == _label(path, overrides):",
        "if head.label:",
        f"{CACHE_TESTS} -k version",
    ),
    Mutation(
        19,
        "the cache holds no code",
        "cache/codec.py",
        "return _TYPES.get(kind) or self._known[kind].type",
        "return eval(kind)",
        "unit/karn_view/cache/test_codec.py -k code",
    ),
)


def verdict(mutation: Mutation) -> str:
    """What the tests said of a viewer without the protection; "" when they noticed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "karn_view"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / mutation.file
        text = file.read_text()
        if mutation.old not in text:
            return f"{mutation.file} no longer holds {mutation.old!r}"
        file.write_text(text.replace(mutation.old, mutation.new))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-qx", *mutation.tests.split()],
            cwd=TESTS,
            env={**os.environ, "PYTHONPATH": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    return "" if done.returncode == FAILED else f"exit {done.returncode}\n{done.stdout[-2_000:]}"


def main(words: list[str]) -> int:
    """Returns how many mutations no test noticed."""
    asked = [each for each in MUTATIONS if not words or any(word in each.what for word in words)]
    unnoticed = 0
    for mutation in asked:
        said = verdict(mutation)
        unnoticed += bool(said)
        print(f"{mutation.row:2}  {mutation.what}: {said or 'noticed'}", flush=True)
    print(f"{len(asked)} protections taken away, {unnoticed} of them unnoticed")
    return unnoticed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
