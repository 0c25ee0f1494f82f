"""Every check of karn, for a person and for CI alike; `./nox` runs them from a bare Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "imports", "types", "build", "tests", "browser"]

DIST = Path("dist")
ARTEFACTS = Path("artefacts")
PICTURE = Path("docs", "img", "karn-view.png")
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""So that what starts a second time imports as fast as it does where nothing forbids it."""
PEERS = ("tensorboardX", "wandb", "trackio", "mlflow", "tensorboard", "google-crc32c")
SAMPLE_RUN = Path("sample_runs", "finished.jsonl")
PROXIES = ("haproxy", "nginx-light", "openssl", "strace")
CODE = ("src", "viewer", "tests", "sample_runs", "noxfile.py", "nox")


def install_wheel(session: nox.Session, extra: str) -> None:
    """Install what `build` made, never the source tree: a file missing from the wheel is found."""
    (wheel,) = DIST.glob("karn-*.whl")
    session.install(f"karn[{extra}] @ {wheel.resolve().as_uri()}")
    session.install("--no-deps", "--force-reinstall", str(wheel))


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run tests; what follows `--` on the command line is handed on."""
    session.run("python", "-m", "pytest", *arguments, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    session.install("ruff>=0.17,<0.18")
    session.run("ruff", "check", *CODE)
    session.run("ruff", "format", "--check", *CODE)


@nox.session
def imports(session: nox.Session) -> None:
    """Who may import whom."""
    session.install("-e", ".[view]", "import-linter>=2.3,<3")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types, in tests too."""
    session.install("-e", ".[browser]", "mypy>=2,<3", "nox>=2025.5.1", "hatchling>=1.27,<2")
    session.run("mypy", *CODE)


@nox.session
def build(session: nox.Session) -> None:
    """Source archive, a wheel made from it, and what both must hold."""
    session.install("build[uv]", "twine", "check-wheel-contents")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--installer=uv", "--outdir", str(DIST))
    archives = [str(path) for path in DIST.iterdir()]
    session.run("twine", "check", "--strict", *archives)
    # W009: two top-level packages are by design.
    session.run("check-wheel-contents", "--ignore=W009", str(DIST))


@nox.session(requires=["build"])
def tests(session: nox.Session) -> None:
    """All tests that need no browser."""
    install_wheel(session, "test")
    pytest(session, "--ignore=tests/browser", "--ignore=tests/nfs", "-n2")


@nox.session(requires=["build"])
def browser(session: nox.Session) -> None:
    """The tests of the page in a real Chromium, which is found or brought."""
    install_wheel(session, "browser")
    found = session.run("python", "tests/browser/chromium.py", silent=True, stderr=None)
    session.env["KARN_CHROMIUM"] = str(found).strip()
    pytest(session, "-n2", "tests/browser")


@nox.session(requires=["build"])
def nfs(session: nox.Session) -> None:
    """Viewer and writer on real NFS, in a guest of user-mode Linux."""
    install_wheel(session, "test")
    reason = session.run("python", "tests/nfs/guest.py", "--prepare", silent=True, stderr=None)
    if reason:
        session.skip(str(reason).strip())
    session.run("python", "tests/nfs/guest.py", *session.posargs)


@nox.session(requires=["build"])
def deep(session: nox.Session) -> None:
    """The laws of tests/property, each with thousands of examples; takes an hour."""
    install_wheel(session, "test")
    session.env["KARN_HYPOTHESIS"] = "deep"
    pytest(session, "--timeout=7200", "-n2", "tests/property")


@nox.session(requires=["build"])
def kill(session: nox.Session) -> None:
    """The faults of tests/fault, with 500 kills of a training and 200 of a viewer."""
    install_wheel(session, "test")
    session.env["KARN_KILLS"] = "500"
    session.env["KARN_REPEATS"] = "20"
    pytest(session, "--timeout=3600", "-n2", "-rP", "tests/fault")


@nox.session(requires=["build"])
def soak(session: nox.Session) -> None:
    """A minute of 1,000 lines a second, rotations and restarts; `-- --seconds N` for longer."""
    install_wheel(session, "test")
    session.run("python", "-m", "soak", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session(requires=["build"])
def fuzz(session: nox.Session) -> None:
    """The laws of tests/fuzz on files that coverage leads to; `-- --seconds N LAW` for longer."""
    install_wheel(session, "test")
    try:
        session.install("atheris>=3,<4")
    except CommandFailed:
        session.skip("atheris does not install here: it has wheels for CPython on Linux only")
    session.run("python", "-m", "fuzz", *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session(requires=["build"])
def load(session: nox.Session) -> None:
    """A thousand clients, hostile ones and viewers behind a proxy; prints a table."""
    install_wheel(session, "test")
    if os.geteuid() == 0 and not all(map(shutil.which, ("haproxy", "nginx"))):
        session.run(
            "apt-get", "install", "--yes", "--no-install-recommends", *PROXIES, external=True
        )
    session.env["PYTHONPATH"] = "tests"
    session.run("python", "-m", "load.load", *session.posargs)


@nox.session(requires=["build"])
def mutate(session: nox.Session) -> None:
    """Takes each protection of SECURITY.md away; its tests must notice."""
    install_wheel(session, "test")
    session.run("python", "tests/mutate.py", *session.posargs)


@nox.session(requires=["build"])
def interface(session: nox.Session) -> None:
    """Schemathesis asks a viewer whatever its own description allows, and more."""
    install_wheel(session, "test")
    session.install("schemathesis>=4,<5")
    session.env["PYTHONPATH"] = "tests"
    session.run("python", "tests/interface/ask.py", *session.posargs)


@nox.session(requires=["build"])
def bench(session: nox.Session) -> None:
    """Side by side measurements and their history; they print ratios and judge nothing."""
    install_wheel(session, "browser")
    for peer in PEERS:
        try:
            session.install(peer)
        except CommandFailed:
            session.log(f"{peer} does not install here and is left out")
    for script in sorted(Path("tests", "benchmarks").glob("bench_*.py")):
        session.run("python", str(script), env=COMPILED)
    session.run("python", "tests/benchmarks/history.py")


@nox.session
def view(session: nox.Session) -> None:
    """Open a sample run, or the paths and options given after `--`."""
    session.install("-e", ".[view]")
    session.run("karn-view", *(session.posargs or [str(SAMPLE_RUN), "--open"]))


@nox.session
def train(session: nox.Session) -> None:
    """A real training with its dashboard."""
    session.install("-e", ".[view,sample]")
    session.run("python", "sample_runs/morphogenesis.py", *(session.posargs or ["--dashboard"]))


@nox.session
def picture(session: nox.Session) -> None:
    """Take the README's picture anew, from the page itself."""
    session.install("-e", ".[browser]")
    pytest(session, "tests/browser/test_picture.py")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ARTEFACTS / PICTURE.name, PICTURE)
