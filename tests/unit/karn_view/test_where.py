import json
from pathlib import Path

import pytest
from karn_view.errors import KarnViewError
from karn_view.lines import Line
from karn_view.record import decode
from karn_view.where import where

CASES = json.loads((Path(__file__).parents[1] / "conditions.json").read_text())
"""The page of an exported run must agree: tests/unit/page reads the same table."""


@pytest.mark.parametrize(("condition", "fits"), CASES["fits"].items())
def test_a_field_is_found_where_a_person_means_it(condition: str, fits: bool) -> None:
    record = decode(Line(0, CASES["line"].encode()))
    assert isinstance(record, dict)
    assert where(condition).fits(record) is fits


@pytest.mark.parametrize("text", CASES["refused"])
def test_what_is_no_condition_is_said(text: str) -> None:
    with pytest.raises(KarnViewError):
        where(text)
