"""Which kind of source is at a path, told by its first bytes and not by its name."""

import errno
import gzip
import zlib
from importlib import import_module
from pathlib import Path
from types import ModuleType

from karn_view.sources.compressed import Compressed
from karn_view.sources.file import File
from karn_view.sources.source import Source

GZIP = b"\x1f\x8b"  # RFC 1952, 2.3.1
ZSTD = b"\x28\xb5\x2f\xfd"  # RFC 8878, 3.1.1


def open_source(path: Path, *, within: str | None = None) -> Source:
    """Opens what is at `path` now. Raises `OSError`; `FileNotFoundError` when nothing is there.

    Args:
        path: Where to look.
        within: The folder that it must lie in after all links are followed. Checked on the open
            file, as a path may be swapped between a check and its use.
    """
    file = File.open(path)
    try:
        if within is not None and not file.is_within(within):
            hint = "a link out of the folder that is shown; give the file itself to show it"
            raise PermissionError(errno.EACCES, hint, str(path))
        return _uncompressed(file, path)
    except BaseException:
        file.close()
        raise


def _uncompressed(file: File, path: Path) -> Source:
    magic = file.read(0, len(ZSTD))
    if magic.startswith(GZIP):
        damage = (gzip.BadGzipFile, zlib.error)
        return Compressed(file, lambda raw: gzip.GzipFile(fileobj=raw), damage)
    if magic == ZSTD:
        zstd = _zstd(path)
        return Compressed(file, zstd.open, (zstd.ZstdError,))
    return file


def _zstd(path: Path) -> ModuleType:
    """The standard library's module (Python 3.14), else the same one as a package."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    hint = "zstd needs the package backports.zstd: pip install backports.zstd"
    raise OSError(errno.EOPNOTSUPP, hint, str(path))
