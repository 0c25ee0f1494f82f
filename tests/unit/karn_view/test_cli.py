"""The command as a person runs it: a process of its own, its words and its exit code."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import karn_view
import pytest
from karn_view import __version__, cli
from karn_view.cli import parser
from karn_view.kept import cache_folder, shelf_folder, shelf_name

PACKAGES = Path(karn_view.__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "karn_view")
SERVER_MODULES = ("numpy", "starlette", "uvicorn", "msgspec", "karn_view.serving")


def clean(**more: str) -> dict[str, str]:
    """The environment with the package under test, without what a person set for the viewer."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KARN_VIEW_")}
    return {**kept, "PYTHONPATH": str(PACKAGES), **more}


def run(*arguments: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=clean(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(*arguments: object, cwd: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=clean(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_one_line(said: str) -> None:
    assert said.count("\n") == 1
    assert said.endswith("\n")
    assert said.startswith("karn-view: ")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_help_tells_every_option(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("PATH", "--host", "--port", "--token", "--no-token", "--x", "--time"):
        assert option in done.stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_a_question_about_the_command_loads_no_server(tmp_path: Path, option: str) -> None:
    asked = (
        "import sys\n"
        "from karn_view.cli import main\n"
        "try:\n"
        f"    main([{option!r}])\n"
        "finally:\n"
        f"    loaded = [name for name in {SERVER_MODULES} if name in sys.modules]\n"
        "    print(loaded, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env=clean(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[]\n"


def test_the_version_is_told(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"karn-view {__version__}\n")


def test_a_missing_folder_is_said_in_one_line(tmp_path: Path) -> None:
    done = run("missing/run.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert_one_line(done.stderr)
    assert "missing/run.jsonl" in done.stderr


def test_an_empty_path_is_asked_wrongly(tmp_path: Path) -> None:
    done = run("", cwd=tmp_path)
    assert done.returncode == 2
    assert_one_line(done.stderr)


def test_a_taken_port_is_said_with_a_hint(tmp_path: Path, taken: int) -> None:
    done = run("--port", taken, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert_one_line(done.stderr)
    assert f"127.0.0.1:{taken}" in done.stderr
    assert "--port 0" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_without_a_token_only_loopback_is_served(tmp_path: Path, host: str) -> None:
    done = run("--no-token", "--host", host, "--port", 0, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert_one_line(done.stderr)
    assert "--no-token is for loopback only" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "65536"),
        ("--port", "-1"),
        ("--port", "http"),
        ("--port", "٣"),
        ("--token", "a", "--no-token"),
        ("--token", "a", "--token-file", "b"),
        ("--root-path", "karn"),
        ("--root-path", "/karn?x"),
        ("--root-path", "/../x//"),
        ("--allow-host", "*.example"),
        ("--allow-host", "https://runs.example"),
        ("--allow-host", "a,b"),
        ("--trusted-proxy", "*"),
        ("--trusted-proxy", "10.0.0.0/8"),
        ("--log-level", "loud"),
        ("--unheard-of",),
    ],
)
def test_a_wrong_option_is_asked_wrongly(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_an_option_may_come_from_the_environment(tmp_path: Path, taken: int) -> None:
    done = run(cwd=tmp_path, KARN_VIEW_PORT=str(taken))
    assert done.returncode == 1
    assert f"127.0.0.1:{taken}" in done.stderr


def test_the_command_line_wins_over_the_environment(tmp_path: Path, taken: int) -> None:
    done = run("--port", taken, cwd=tmp_path, KARN_VIEW_PORT="1")
    assert f"127.0.0.1:{taken}" in done.stderr


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_a_signal_ends_the_server_without_a_word(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with start("run.jsonl", "--port", 0, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        said = process.stdout.readline()
        assert said.startswith(f"karn-view {__version__}  http://127.0.0.1:")
        assert said.endswith("  following run.jsonl\n")
        process.send_signal(number)
        assert process.wait(30) == code
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


@pytest.mark.parametrize("token", ["a b", "a;b", "ä", 'a"b', ""])
def test_a_token_that_no_cookie_carries_is_refused_at_the_start(token: str) -> None:
    made = parser()
    with pytest.raises(SystemExit) as ended:
        made.parse_args(["--token", token])
    assert ended.value.code == 2


def test_a_file_is_known_as_it_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path, overrides = tmp_path / "run.jsonl", ("step", None)
    shelf_folder(cache_folder()).mkdir(parents=True)
    (shelf_folder(cache_folder()) / shelf_name(path, overrides)).touch()
    assert cli._known([None, path, tmp_path / "other.jsonl"], overrides) == {path}
    assert cli._known([path], (None, None)) == set()


def test_of_a_cache_that_does_not_answer_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def refuse(*_: object) -> bool:
        raise PermissionError

    monkeypatch.setattr(cli, "is_kept", refuse)
    assert cli._known([Path("run.jsonl")], (None, None)) == set()
    monkeypatch.setattr(cli, "ANSWERS_S", 0.01)
    monkeypatch.setattr(cli, "is_kept", lambda *_: answered.wait())
    assert cli._known([Path("run.jsonl")], (None, None)) == set()
    answered.set()
