"""What holds for any bytes that a run file may have. Pure.

Each law takes a whole file and raises when it is broken. Where the file is cut into portions is
drawn from its content, so that a found case is a file and nothing more.
"""

import json
import math
import random
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from karn_view.describe import curve, dashboard, describe_whole, metrics, timeline
from karn_view.formats.document import opens_document
from karn_view.lines import LF, NUL, Line, holes, split, whole
from karn_view.pages import _content
from karn_view.record import Fault, decode
from karn_view.run import Run
from karn_view.server.encode import curves_as_binary, curves_as_json, encode_json
from karn_view.store.store import AXES
from karn_view.tail import Committed, Limits, Skipped, Tail
from reading import answer, read_portions

SMALL = Limits(block_bytes=16, line_bytes=64, spool_bytes=1 << 20)
Whole = TypeVar("Whole", bytes, list[Line])


def lines_account_for_every_byte(data: bytes) -> None:
    """Offsets follow each other without a gap, and joining the lines gives the file back."""
    lines = split(whole(data), 0)
    assert b"".join(line.data + LF for line in lines) == whole(data)
    assert [line.offset for line in lines] == _line_starts(whole(data))
    for start, stop in holes(data):
        assert data[start:stop].strip(NUL) == b"" and data[stop : stop + 1] != NUL
        assert start == 0 or data[start - 1 : start] == LF


def any_growth_gives_the_same_lines(data: bytes) -> None:
    """A tail that looks at any moment hands on every committed byte once, in order."""
    grown = _Grown()
    tail = Tail(Path("run.jsonl"), limits=SMALL, open_source=lambda _: grown)
    end, told = 0, b""
    for portion in _portions(data, _draw(data)):
        grown.data += portion
        for item in tail.poll():
            if isinstance(item, Committed | Skipped):
                assert item.offset == end
                piece = _bytes_of(item, grown.data)
                end, told = end + len(piece), told + piece
    assert told == whole(data)
    assert tail.torn == len(data) - len(told)


def a_line_is_a_record_or_a_fault_or_text_or_blank(data: bytes) -> None:
    """`decode` agrees with Python's own `json` about every object that it can read."""
    for line in split(whole(data), 0):
        found = decode(line)
        match found:
            case dict():
                encode_json(found)
            case Fault():
                assert (found.offset, found.length) == (line.offset, len(line.data))
                assert found.reason
            case str():
                assert found.strip("\0 \t\r\n") == found != ""
            case None:
                assert line.data.removeprefix(b"\xef\xbb\xbf").strip(b"\0 \t\r\n") in (
                    b"",
                    b"\xef\xbb\xbf",
                )
        expected = _by_python(line.data)
        if isinstance(expected, dict):
            assert _same(found, expected), f"{found!r} instead of {expected!r}"


def a_page_shows_strict_json(data: bytes) -> None:
    """Every line that is not blank is shown, its integers with all digits."""
    for line in split(whole(data), 0):
        content = _content(line)
        assert (content is None) == (decode(line) is None)
        if content is None:
            continue
        shown = _strictly(encode_json(content))
        assert shown.keys() in ({"record"}, {"fault"})
        expected = _by_python(line.data)
        if isinstance(expected, dict):
            assert _integers(shown["record"]) == _integers(expected)


def any_chunking_gives_the_same_rows(data: bytes) -> None:
    """Opened finished or followed line by line, a file is understood alike."""
    lines = split(whole(data), 0)
    at_once = read_portions([lines])
    assert answer(read_portions(_portions(lines, _draw(data)))) == answer(at_once)
    offsets = [row.offset for row in at_once.rows]
    assert offsets == sorted(offsets) and set(offsets) <= {line.offset for line in lines}
    if not any(opens_document(line) for line in lines):
        assert set(offsets) == {line.offset for line in lines if decode(line) is not None}


def every_answer_is_strict_json(data: bytes) -> None:
    """Whatever a file holds, the viewer can say everything that it says of a run."""
    run = Run("run", "run", Path("run.jsonl"), Tail(Path("run.jsonl")))
    lines = split(whole(data), 0)
    rows = 0
    for portion in _portions(lines, _draw(data)):
        end = portion[-1].offset + len(portion[-1].data) + 1
        rows += run.current.absorb(portion, end).size
    store = run.current.store
    assert len(store) == store.records + store.fault_count == rows
    for said in (describe_whole(run), metrics(run), timeline(run, 7), dashboard(run)):
        _strictly(encode_json(said))
    for name in list(store.series)[:8]:
        for axis in AXES:
            drawn = curve(run, name, axis=axis, points=5)
            assert all(later > sooner for sooner, later in pairwise(drawn["curve"].x.tolist()))
            _strictly(curves_as_json([drawn], {}))
            curves_as_binary([drawn], {})


LAWS: dict[str, Callable[[bytes], None]] = {
    "lines": lines_account_for_every_byte,
    "tail": any_growth_gives_the_same_lines,
    "record": a_line_is_a_record_or_a_fault_or_text_or_blank,
    "page": a_page_shows_strict_json,
    "reader": any_chunking_gives_the_same_rows,
    "answers": every_answer_is_strict_json,
}


class _Grown:
    """A source of which more is there at each look."""

    identity = (0, 0)
    data = b""

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]

    def size(self) -> int:
        return len(self.data)

    def renewed(self, fresh: "_Grown") -> "_Grown":
        return fresh

    def twin(self) -> "_Grown":
        return self

    def close(self) -> None:
        pass


def _bytes_of(item: Committed | Skipped, data: bytes) -> bytes:
    if isinstance(item, Committed):
        return item.data
    skipped = data[item.offset : item.offset + item.length]
    assert skipped.strip(NUL) == b"" or len(skipped) > SMALL.line_bytes
    return skipped


def _draw(data: bytes) -> random.Random:
    return random.Random(zlib.crc32(data))


def _portions(items: Whole, draw: random.Random) -> Iterator[Whole]:
    start = 0
    while start < len(items):
        stop = start + draw.choice((1, 1, 2, 3, 10, 100))
        yield items[start:stop]
        start = stop


def _line_starts(data: bytes) -> list[int]:
    return [0, *(at + 1 for at, byte in enumerate(data) if byte == LF[0])][:-1]


def _by_python(data: bytes) -> Any:
    """What `json` makes of a line; None where it cannot tell, or tells what is no Unicode."""
    try:
        value = json.loads(data.decode())
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def _same(left: object, right: object) -> bool:
    """Equal in value and type, a NaN to a NaN, and floats to their last digit."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and left == right


def _strictly(encoded: bytes) -> Any:
    return json.loads(encoded.decode(), parse_constant=_no_constant)


def _no_constant(token: str) -> NoReturn:
    raise AssertionError(f"{token} in what should be strict JSON")


def _integers(value: object) -> list[int]:
    if isinstance(value, dict):
        return [n for member in value.values() for n in _integers(member)]
    if isinstance(value, list):
        return [n for member in value for n in _integers(member)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []
