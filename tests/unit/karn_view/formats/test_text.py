"""Whole lines are given out in parts, whichever of them are wanted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.formats import text as module
from karn_view.formats.text import Text


@given(st.data(), st.lists(st.binary(max_size=4).map(lambda line: line.replace(b"\n", b""))))
def test_parts_are_the_lines_that_were_asked_for(data: st.DataObject, lines: list[bytes]) -> None:
    text = Text(b"".join(line + b"\n" for line in lines))
    assert [text[at] for at in range(len(text))] == lines
    chosen = data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))
    which = np.flatnonzero(np.array(chosen, bool))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PART", 3)
        parts = [*text.parts(which)]
    assert [at for part, _ in parts for at in part.tolist()] == which.tolist()
    assert all(len(part) == data.count(b"\n") <= 3 for part, data in parts)
    assert b"".join(data for _, data in parts) == b"".join(lines[at] + b"\n" for at in which)
