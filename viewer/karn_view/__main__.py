"""``python -m karn_view`` is ``karn-view``."""

import sys

from karn_view.cli import main

if __name__ == "__main__":
    sys.exit(main())
