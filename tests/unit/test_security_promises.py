"""Every promise of SECURITY.md has a protection that `tests/mutate.py` takes away."""

import re
from pathlib import Path

from mutate import MUTATIONS

ROOT = Path(__file__).parents[2]


def test_every_promise_is_tried() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    promised = {int(row) for row in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert promised == set(range(1, 20))
    assert {mutation.row for mutation in MUTATIONS} == promised


def test_every_protection_is_where_it_is_looked_for() -> None:
    import karn_view

    package = Path(karn_view.__file__).parent
    for mutation in MUTATIONS:
        assert mutation.old in (package / mutation.file).read_text(), mutation.what
        assert (ROOT / "tests" / mutation.tests.split()[0]).exists(), mutation.what
