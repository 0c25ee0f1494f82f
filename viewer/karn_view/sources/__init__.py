"""Where the bytes of a run come from: a local or mounted file, a compressed one, standard input."""

from karn_view.sources.file import File
from karn_view.sources.opening import open_source
from karn_view.sources.source import Source

__all__ = ["File", "Source", "open_source"]
