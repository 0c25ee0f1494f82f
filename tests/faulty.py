"""A file system that fails, waits or hangs when a test says so: FUSE over an ordinary folder.

    with mounted(tmp_path) as disk:
        (disk.mount / "run.jsonl").write_text("...")
        disk.fails("write", errno.EDQUOT)     # every write from now on
        disk.hangs("read", "getattr")         # until it heals
        disk.heals()

The file system is a process of its own. What it should do stands in files of a folder beside it,
one for each operation, which it looks at every time it is asked for something.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOOK_S = 0.01
READY_S = 15.0


@dataclass
class Disk:
    """A mounted file system: what is written to `mount` stands in `backing`."""

    mount: Path
    backing: Path
    orders: Path

    def fails(self, *operations: str, number: int) -> None:
        """Has these operations fail with an errno."""
        self._order(operations, f"fail {number}")

    def hangs(self, *operations: str) -> None:
        """Has these operations wait until the disk heals."""
        self._order(operations, "hang")

    def cuts_writes(self, length: int) -> None:
        """Has every write take so many bytes at most."""
        self._order(["write"], f"cut {length}")

    def heals(self) -> None:
        """Has everything go well from now on."""
        for order in self.orders.iterdir():
            order.unlink()

    def _order(self, operations: list[str] | tuple[str, ...], text: str) -> None:
        for operation in operations:
            draft = self.orders.with_name("draft")
            draft.write_text(text)
            draft.replace(self.orders / operation)


def why_not() -> str:
    """Why no such file system can be had here; "" when it can."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "no access to /dev/fuse"
    if not shutil.which("fusermount3"):
        return "no fusermount3: install the package fuse3"
    if not ctypes.util.find_library("fuse3"):
        return "no libfuse3"
    return ""


@contextmanager
def mounted(folder: Path, mount: Path | None = None) -> Iterator[Disk]:
    """Mounts one; it is gone afterwards even when something hangs in it.

    Args:
        folder: Where everything goes that it needs.
        mount: Where to mount it, in that folder unless given.
    """
    disk = Disk(mount or folder / "mount", folder / "backing", folder / "orders" / "now")
    for place in (disk.mount, disk.backing, disk.orders):
        place.mkdir(parents=True)
    command = [sys.executable, __file__, str(disk.backing), str(disk.orders), str(disk.mount)]
    serving = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert serving.stderr
    try:
        deadline = time.monotonic() + READY_S
        while not os.path.ismount(disk.mount):
            if serving.poll() is not None or time.monotonic() > deadline:
                raise OSError(f"not mounted: {serving.stderr.read() if serving.poll() else 'late'}")
            time.sleep(LOOK_S)
        yield disk
    finally:
        disk.heals()
        subprocess.run(["fusermount3", "-u", "-z", str(disk.mount)], check=False)
        serving.terminate()
        serving.wait(timeout=READY_S)
        serving.stderr.close()


def _serve(backing: str, orders: str, mount: str) -> None:
    """Serves the file system until it is unmounted."""
    import mfusepy

    class Faulty(mfusepy.Operations):  # type: ignore[misc]
        """Hands everything on to the backing folder, unless it is ordered to do otherwise."""

        use_ns = True

        def _obey(self, operation: str) -> int:
            """Fails or hangs if so ordered; returns how many bytes a write may take."""
            while True:
                try:
                    with open(os.path.join(orders, operation)) as file:
                        order, _, number = file.read().partition(" ")
                except OSError:
                    order, number = "", ""
                if order == "fail":
                    raise OSError(int(number), os.strerror(int(number)))
                if order != "hang":
                    return int(number) if order == "cut" else sys.maxsize
                time.sleep(LOOK_S)

        def _at(self, path: str) -> str:
            return backing + path

        def getattr(self, path: str, info: mfusepy.fuse_file_info | None = None) -> dict[str, int]:
            self._obey("getattr")
            status = os.fstat(info.fh) if info else os.lstat(self._at(path))
            names = ("mode", "nlink", "uid", "gid", "size")
            known = {f"st_{name}": getattr(status, f"st_{name}") for name in names}
            times = {f"st_{t}time": getattr(status, f"st_{t}time_ns") for t in "amc"}
            return {**known, **times}

        def readdir(self, path: str, fh: int) -> list[str]:
            self._obey("readdir")
            return [".", "..", *os.listdir(self._at(path))]

        def open(self, path: str, info: mfusepy.fuse_file_info) -> int:
            self._obey("open")
            return self._opened(info, os.open(self._at(path), info.flags & ~os.O_APPEND))

        def create(self, path: str, mode: int, info: mfusepy.fuse_file_info) -> int:
            self._obey("create")
            return self._opened(info, os.open(self._at(path), os.O_RDWR | os.O_CREAT, mode))

        def _opened(self, info: mfusepy.fuse_file_info, fd: int) -> int:
            info.fh, info.direct_io = fd, 1  # nothing is answered from the page cache
            return 0

        def read(self, path: str, size: int, offset: int, info: mfusepy.fuse_file_info) -> bytes:
            self._obey("read")
            return os.pread(info.fh, size, offset)

        def write(self, path: str, data: bytes, offset: int, info: mfusepy.fuse_file_info) -> int:
            return os.pwrite(info.fh, data[: self._obey("write")], offset)

        def fsync(self, path: str, datasync: int, info: mfusepy.fuse_file_info) -> int:
            self._obey("fsync")
            os.fsync(info.fh)
            return 0

        def flush(self, path: str, info: mfusepy.fuse_file_info) -> int:
            self._obey("flush")
            return 0

        def release(self, path: str, info: mfusepy.fuse_file_info) -> int:
            os.close(info.fh)
            return 0

        def truncate(
            self, path: str, length: int, info: mfusepy.fuse_file_info | None = None
        ) -> int:
            os.truncate(self._at(path), length)
            return 0

        def unlink(self, path: str) -> int:
            os.unlink(self._at(path))
            return 0

        def utimens(self, path: str, times: tuple[int, int]) -> int:
            os.utime(self._at(path), ns=times)
            return 0

        def rename(self, old: str, new: str, *flags: int) -> int:
            self._obey("rename")
            os.replace(self._at(old), self._at(new))
            return 0

        def mkdir(self, path: str, mode: int) -> int:
            self._obey("mkdir")
            os.mkdir(self._at(path), mode)
            return 0

        def rmdir(self, path: str) -> int:
            os.rmdir(self._at(path))
            return 0

    mfusepy.FUSE(
        Faulty(),
        mount,
        raw_fi=True,
        foreground=True,
        fsname="karn-test",
        subtype="faulty",
        attr_timeout=0,
        entry_timeout=0,
    )


if __name__ == "__main__":
    _serve(*sys.argv[1:])
