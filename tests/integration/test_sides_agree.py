"""Training side and viewer share no code; what both must know of the world is compared here."""

from karn_view import mounts

from karn import mount


def test_both_sides_take_the_same_file_systems_for_remote() -> None:
    known = {*mounts.REMOTE, *mounts.LOCAL_FUSE, "ext4", "tmpfs", "overlay", "fuse", "fuse.sshfs"}
    assert mount._REMOTE == mounts.REMOTE
    assert {kind for kind in known if mount._is_remote_kind(kind)} == {
        kind for kind in known if mounts.is_remote(kind)
    }
