import re
from pathlib import Path

from karn_view.server import limits

INTERFACE = Path(__file__).parents[4] / "docs" / "interface.md"


def told(name: str, value: float) -> str:
    """A limit as the documentation writes it."""
    number = f"{value:g}" if name.endswith("_S") else f"{value:,}"
    if name.endswith("_BYTES"):
        number = f"{int(value) >> 10} KiB"
    return f"{number} s" if name.endswith("_S") else number


def test_every_limit_is_told_with_its_value() -> None:
    names = {name: value for name, value in vars(limits).items() if name.isupper()}
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", INTERFACE.read_text(), re.MULTILINE)
    assert dict(rows) == {name: told(name, value) for name, value in names.items()}
