"""karn-view: watch, replay and compare training runs written as JSON lines."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("karn")
except PackageNotFoundError:  # run from a source tree that nobody installed
    __version__ = "0+source"

__all__ = ["__version__"]
