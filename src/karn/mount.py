"""Whether a file lies on another machine."""

from __future__ import annotations

import os
from pathlib import Path

_REMOTE = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "virtiofs"}
)


def is_remote(device: int) -> bool:
    """Tell whether a device, as in `os.stat().st_dev`, is mounted over a network or by FUSE.

    Read from proc(5) mountinfo, which asks no server; where there is none the answer is no.
    """
    try:
        mounts = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return False
    wanted = f"{os.major(device)}:{os.minor(device)}"
    return any(_is_remote_kind(_kind(mount)) for mount in mounts if mount.split()[2] == wanted)


def _kind(mount: str) -> str:
    """Return the type of file system, the first field after the lone dash."""
    return mount.partition(" - ")[2].split()[0]


def _is_remote_kind(kind: str) -> bool:
    return kind in _REMOTE or kind.startswith("fuse.")
