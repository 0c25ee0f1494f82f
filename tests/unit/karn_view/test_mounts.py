from pathlib import Path

import pytest
from karn_view.mounts import Mount, is_remote, mount_of

MOUNTINFO = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:30 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2
31 30 8:2 / /home/fast rw,relatime - xfs /dev/sdb1 rw
32 22 0:32 / /mnt/with\\040space rw,relatime - fuse.sshfs host: rw
33 22 8:3 / /data rw,relatime - ext4 /dev/sdc1 rw
34 33 0:34 / /data rw,relatime - lustre mds@tcp:/scratch rw
"""


@pytest.fixture
def mountinfo(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTINFO)
    return path


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("/etc/run.jsonl", Mount("ext4", False, "/")),
        ("/home/ann/run.jsonl", Mount("nfs4", True, "/home")),
        ("/home/fast/run.jsonl", Mount("xfs", False, "/home/fast")),
        ("/homework/run.jsonl", Mount("ext4", False, "/")),
        ("/mnt/with space/run.jsonl", Mount("fuse.sshfs", True, "/mnt/with space")),
    ],
)
def test_the_longest_mount_point_holds_a_path(mountinfo: Path, path: str, mount: Mount) -> None:
    assert mount_of(Path(path), mountinfo) == mount


def test_what_is_mounted_later_covers_what_was_mounted_before(mountinfo: Path) -> None:
    assert mount_of(Path("/data/run.jsonl"), mountinfo) == Mount("lustre", True, "/data")


def test_a_link_is_where_it_leads(mountinfo: Path, tmp_path: Path) -> None:
    link = tmp_path / "run.jsonl"
    link.symlink_to("/home/ann/run.jsonl")
    assert mount_of(link, mountinfo).kind == "nfs4"


def test_without_mountinfo_a_path_is_taken_for_local(tmp_path: Path) -> None:
    assert mount_of(tmp_path, tmp_path / "missing") == Mount("unknown", False, "/")


def test_this_machine_has_a_mount_for_every_path(tmp_path: Path) -> None:
    mount = mount_of(tmp_path / "not there yet")
    assert mount.kind
    assert Path(mount.mount_point).is_dir()


@pytest.mark.parametrize("kind", ["nfs", "cifs", "9p", "lustre", "fuse.sshfs", "fuse", "fuse.new"])
def test_other_machines_write_to_network_file_systems_and_unknown_fuse(kind: str) -> None:
    assert is_remote(kind)


@pytest.mark.parametrize("kind", ["ext4", "tmpfs", "overlay", "fuseblk", "fuse.mergerfs"])
def test_nobody_else_writes_to_local_ones(kind: str) -> None:
    assert not is_remote(kind)
