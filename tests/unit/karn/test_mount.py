import os
from pathlib import Path

import pytest

from karn.mount import is_remote, writes_behind

MOUNTS = """\
21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 21 0:45 / /data rw shared:5 - nfs4 server:/export rw,vers=4.2
41 21 0:46 / /home/a\\040b rw - fuse.sshfs host: rw
42 21 0:47 / /run rw - tmpfs tmpfs rw
"""


@pytest.fixture(autouse=True)
def mountinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda path, errors: MOUNTS)


@pytest.mark.parametrize(
    ("major", "minor", "remote"),
    [(254, 0, False), (0, 45, True), (0, 46, True), (0, 47, False), (9, 9, False)],
)
def test_network_and_fuse_mounts_are_remote(major: int, minor: int, remote: bool) -> None:
    assert is_remote(os.makedev(major, minor)) is remote


def test_an_nfs_client_writes_behind_and_a_fuse_mount_does_not() -> None:
    assert writes_behind(os.makedev(0, 45))
    assert not writes_behind(os.makedev(0, 46))


def test_a_system_without_mountinfo_has_local_files_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, errors: str) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", fail)
    assert not is_remote(os.makedev(0, 45))
