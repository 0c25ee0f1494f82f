"""What kind of file system a path is on, and whether other machines write there.

On a remote one inotify tells nothing of the others' writes, without an error, so it is polled.
`statfs` is not asked: FUSE is one number for local and remote alike.
"""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

MOUNTINFO = Path("/proc/self/mountinfo")

# fmt: off
REMOTE = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "gpfs", "beegfs", "glusterfs",
    "afs", "virtiofs", "vboxsf", "vmhgfs", "drvfs", "wekafs", "panfs", "orangefs", "davfs",
    "ocfs2", "gfs2",
))
LOCAL_FUSE = frozenset((
    "fuseblk", "fuse.mergerfs", "fuse.gocryptfs", "fuse.encfs", "fuse.bindfs",
    "fuse.fuse-overlayfs", "fuse.ntfs-3g",
))
# fmt: on
"""FUSE file systems of this machine's own disks; any other is taken for remote."""


class Mount(NamedTuple):
    """A mounted file system, by its type as the kernel names it."""

    kind: str
    remote: bool
    mount_point: str


def mount_of(path: Path, mountinfo: Path = MOUNTINFO) -> Mount:
    """Finds the mount that holds `path`, which need not exist. May block where `path` is stuck."""
    place = path.resolve()
    mounts = _mounts(mountinfo)
    holding = [mount for mount in mounts if place.is_relative_to(mount.mount_point)]
    # Of equally long ones the later is mounted over the earlier: max() keeps the first.
    longest = max(reversed(holding), key=lambda mount: len(mount.mount_point), default=None)
    return longest or Mount("unknown", False, "/")


def remote_mounts_beside(folder: str, mountinfo: Path = MOUNTINFO) -> frozenset[str]:
    """Mount points that other machines may write to, but for those that hold ``folder`` itself.

    Reads the list of mounts and asks none of them.
    """
    return frozenset(
        mount.mount_point
        for mount in _mounts(mountinfo)
        if mount.remote and not Path(folder).is_relative_to(mount.mount_point)
    )


def is_remote(kind: str) -> bool:
    """Tells whether other machines may write to a file system of this type."""
    return kind in REMOTE or (kind.startswith("fuse") and kind not in LOCAL_FUSE)


def _mounts(mountinfo: Path) -> tuple[Mount, ...]:
    try:
        return _listed(mountinfo.read_bytes())
    except OSError:
        return ()  # no Linux, or a /proc that hides it


@lru_cache(maxsize=1)  # a folder asks each second, and the answer is the same for days
def _listed(mountinfo: bytes) -> tuple[Mount, ...]:
    return tuple(map(_mount, os.fsdecode(mountinfo).splitlines()))


def _mount(line: str) -> Mount:
    """Reads one line: proc_pid_mountinfo(5), the fields up to a lone `-` and those after it."""
    before, _, after = line.partition(" - ")
    kind = after.split(" ", 1)[0]
    return Mount(kind, is_remote(kind), _unescaped(before.split(" ")[4]))


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)
