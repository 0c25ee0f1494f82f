"""karn-view: watch, replay and compare training runs written as JSON lines."""

__version__ = "0.1.0"

__all__ = ["__version__"]
