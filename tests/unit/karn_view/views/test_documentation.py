"""The page that documents the dashboard tells all of it."""

import re
from pathlib import Path

import pytest
from karn_view.views.headlines import PREFERENCES
from telling import shown

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "dashboard.md"
TABLE = re.compile(r"(?<=<!-- preferences -->\n).*?(?=<!-- /preferences -->)", re.DOTALL)


@pytest.fixture
def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def preferences() -> str:
    """The table as it should stand in the document."""
    rows = [
        f"| `{name}` | {', then '.join(fields(rank) for rank in ranks)} |"
        for name, ranks in PREFERENCES.items()
        if name in shown()
    ]
    return "\n".join(["| value | read from |", "|---|---|", *rows, ""])


def fields(rank: str) -> str:
    """One rank of fields in words."""
    if not any("." in one for one in rank.split()):
        return f"*{rank}*"
    return " or ".join(f"`{one.replace('@', '')}`" for one in rank.split())


def test_every_field_of_the_dashboard_is_documented(document: str) -> None:
    assert {name for name in shown() if f"`{name}`" not in document} == set()


def test_the_table_of_sources_is_that_of_the_code(document: str) -> None:
    found = TABLE.search(document)
    assert found is not None
    assert found.group() == preferences()
