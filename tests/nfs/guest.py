"""Runs the tests of this folder where there is real NFS: in a guest of user-mode Linux.

The guest is an ordinary process with a kernel of its own, on the files of this machine, which it
cannot change. Nothing of it reaches a network. `--prepare` installs what it needs (Debian, root),
tries it, and prints why it cannot run; anything else is given to pytest in the guest.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGES = {
    "linux.uml": "user-mode-linux",
    "cc": "build-essential",
    "modprobe": "kmod",
    "mount.nfs": "nfs-common",
    "rpc.nfsd": "nfs-kernel-server",
    "rpcbind": "rpcbind",
}
APT_TIMEOUT_S = 600
TRIAL_TIMEOUT_S = 120
TIMEOUT_S = 1_800
SEARCHED = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


class NoGuestError(Exception):
    """The guest cannot run here, and why."""


def prepare() -> None:
    """Has everything in place for `run`, or says why that cannot be.

    Raises:
        NoGuestError: What is missing, or what the guest said before it failed.
    """
    if sys.platform != "linux":
        raise NoGuestError("user-mode Linux needs Linux")
    if missing():
        install(missing())
    code, said = run(["true"], TRIAL_TIMEOUT_S, subprocess.PIPE)
    if code != 0:
        last = said.strip().splitlines()[-3:]
        raise NoGuestError(f"user-mode Linux did not boot to an NFS server: {' / '.join(last)}")


def missing() -> list[str]:
    """Debian's packages for the programs that are not there."""
    return [package for name, package in PACKAGES.items() if not shutil.which(name, path=SEARCHED)]


def install(packages: Sequence[str]) -> None:
    """Installs Debian's packages.

    Raises:
        NoGuestError: Nobody may, or they are not to be had.
    """
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise NoGuestError(f"missing, and only root on Debian installs it: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    get = ["apt-get", "-qq", "install", "--no-install-recommends", *packages]
    for command in (["apt-get", "-qq", "update"], get):
        done = subprocess.run(
            command,
            env=environment,
            stdout=sys.stderr,
            stdin=subprocess.DEVNULL,
            timeout=APT_TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        raise NoGuestError(f"apt-get could not install {' '.join(packages)}")


def run(command: Sequence[str], timeout_s: float, console: int | None = None) -> tuple[int, str]:
    """Runs a command in a new guest; returns its exit code, and the console if it is piped.

    The code is 1 when the guest ended without one, or not in time.
    """
    with tempfile.TemporaryDirectory(prefix="karn-nfs-") as folder:
        shared = Path(folder)
        (shared / "command").write_text(f"cd {shlex.quote(str(ROOT))}\n{shlex.join(command)}\n")
        xstate = shared / "xstate.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", xstate, HERE / "xstate.c"], check=True)
        guest = subprocess.Popen(
            [
                *("linux.uml", "mem=1G", "rootfstype=hostfs", "rootflags=/", "ro", "quiet"),
                *(f"init={HERE / 'guest.sh'}", f"KARN_HOST_FOLDER={shared}"),
                *("con=null", "con0=null,fd:1"),
            ],
            env={**os.environ, "LD_PRELOAD": str(xstate)},
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console and subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            said, _ = guest.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            said = f"no end within {timeout_s:.0f} s"
        finally:
            end(guest)
        code = shared / "code"
        return (int(code.read_text()) if code.exists() else 1), said or ""


def end(guest: "subprocess.Popen[str]") -> None:
    """Ends the guest with all that it started; it has a process group of its own."""
    try:
        os.killpg(guest.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    guest.wait()


def main(arguments: Sequence[str]) -> int:
    """Prints why there can be no guest, or runs pytest in it."""
    if arguments == ["--prepare"]:
        try:
            prepare()
        except NoGuestError as error:
            print(error)
        return 0
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        str(HERE),
        *arguments,
    ]
    code, said = run(pytest, TIMEOUT_S)
    print(said, end="")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
