from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from karn_view.run import Run
from karn_view.server.feed import Feed
from karn_view.tail import Tail


@pytest.mark.parametrize(
    ("evidence", "is_begun_anew"), [("as told", False), ("another", True), (None, False)]
)
def test_a_page_goes_on_unless_there_is_evidence_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evidence: str | None, is_begun_anew: bool
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"n": 0}\n' * 10)
    run = Run("id", "name", path, Tail(path))
    for _ in run.advance():
        pass
    monkeypatch.setattr(run.tail, "check", lambda *_: evidence)
    followed = cast(Any, SimpleNamespace(run=run))
    feed = Feed(cast(Any, None), followed, frozenset({"events"}), run.cursor, "as told")
    assert feed._begin().reset is is_begun_anew
    run.close()
