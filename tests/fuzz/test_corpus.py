"""Every law on every sample run and on every case that was ever found or made up."""

from pathlib import Path

import pytest
from fuzz.laws import LAWS

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_a_law_holds_for_a_file(case: Path, law: str) -> None:
    LAWS[law](case.read_bytes())


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds_for_every_clause_of_the_format(sample_runs: Path, law: str) -> None:
    for clause in (sample_runs / "clauses").glob("*.jsonl"):
        LAWS[law](clause.read_bytes())
