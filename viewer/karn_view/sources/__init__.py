"""Where the bytes of a run come from: a local or mounted file, a compressed one, standard input."""

from karn_view.sources.compressed import Compressed
from karn_view.sources.file import File
from karn_view.sources.opening import open_source
from karn_view.sources.source import Source
from karn_view.sources.stdin import StandardInput, spool_stdin

__all__ = ["Compressed", "File", "Source", "StandardInput", "open_source", "spool_stdin"]
