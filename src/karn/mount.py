"""Whether a file lies on another machine."""

from __future__ import annotations

import os
from pathlib import Path

# fmt: off
_REMOTE = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "gpfs", "beegfs", "glusterfs",
    "afs", "virtiofs", "vboxsf", "vmhgfs", "drvfs", "wekafs", "panfs", "orangefs", "davfs",
    "ocfs2", "gfs2",
))
_LOCAL_FUSE = frozenset((
    "fuseblk", "fuse.mergerfs", "fuse.gocryptfs", "fuse.encfs", "fuse.bindfs",
    "fuse.fuse-overlayfs", "fuse.ntfs-3g",
))
# fmt: on
_WRITES_BEHIND = frozenset({"cifs", "nfs", "nfs4", "smb3"})


def is_remote(device: int) -> bool:
    """Tell whether a device, as in `os.stat().st_dev`, is mounted over a network or by FUSE.

    Read from proc(5) mountinfo, which asks no server; where there is none the answer is no.
    """
    return any(_is_remote_kind(kind) for kind in _kinds(device))


def writes_behind(device: int) -> bool:
    """Tell whether a write to it succeeds before the server has it, so that it may fail later."""
    return not _WRITES_BEHIND.isdisjoint(_kinds(device))


def _kinds(device: int) -> list[str]:
    try:
        mounts = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return []
    wanted = f"{os.major(device)}:{os.minor(device)}"
    return [_kind(mount) for mount in mounts if mount.split()[2] == wanted]


def _kind(mount: str) -> str:
    """Return the type of file system, the first field after the lone dash."""
    return mount.partition(" - ")[2].split()[0]


def _is_remote_kind(kind: str) -> bool:
    return kind in _REMOTE or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)
