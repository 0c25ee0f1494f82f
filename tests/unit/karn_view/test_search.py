import json
from pathlib import Path

import pytest
from karn_view.run import Run
from karn_view.search import BLOCK_ROWS, Filter, Found, find
from karn_view.tail import Tail
from karn_view.where import where

LINES = 3 * BLOCK_ROWS


@pytest.fixture
def run(tmp_path: Path) -> Run:
    path = tmp_path / "run.jsonl"
    with path.open("w") as lines:
        for n in range(LINES):
            if n == 10:
                lines.write('\n{"step": 10, "loss": \n')
            lines.write(json.dumps({"step": n, "loss": n / 10, "kind": f"k{n % 3}"}) + "\n")
    made = Run("run", "run", path, Tail(path))
    list(made.advance())
    return made


def steps(found: Found) -> list[int | None]:
    records = [
        json.loads(bytes(line["record"])) if "record" in line else {} for line in found.lines
    ]
    return [record.get("step") for record in records]


def all_of(run: Run, wanted: Filter, **more: int) -> Found:
    found = find(run, wanted, first=0, limit=1_000, **more)
    while found.searched < found.total:
        found = find(run, wanted, first=0, limit=1_000, **more)
    return found


def test_any_stretch_is_had_by_number(run: Run) -> None:
    found = find(run, Filter(), first=5_000, limit=3)
    assert steps(found) == [4_999, 5_000, 5_001]
    assert [line["nth"] for line in found.lines] == [5_000, 5_001, 5_002]
    assert (found.count, found.total) == (LINES + 1, LINES + 1)


def test_lines_around_a_byte_are_found_with_its_number(run: Run) -> None:
    [line] = find(run, Filter(), first=4_000, limit=1).lines
    found = find(run, Filter(), first=None, near=line["offset"], limit=4)
    assert found.near == 4_000
    assert [one["nth"] for one in found.lines] == [3_998, 3_999, 4_000, 4_001]


def test_the_first_line_at_a_place_on_the_axis_is_found(run: Run) -> None:
    found = find(run, Filter(), first=None, near=0, x=4_000.0, limit=1)
    assert steps(found) == [4_000]
    assert find(run, Filter(), first=None, x=4_000.0, limit=1) == found
    assert find(run, Filter(), first=None, near=0, x=1e9, limit=1).near == LINES + 1


def test_faults_are_lines_too(run: Run) -> None:
    [line] = find(run, Filter(types=frozenset({"fault"})), first=0, limit=9).lines
    assert line["fault"]


def test_text_and_fields_are_searched_in_the_lines(run: Run) -> None:
    assert steps(all_of(run, Filter(text='"STEP": 599,'))) == [599]
    found = all_of(run, Filter(where=(where("loss>=599.7"), where("kind=k1"))))
    assert steps(found) == [5_998]
    assert all_of(run, Filter(where=(where("kind=k0"),))).count == LINES / 3


def test_a_search_goes_on_where_it_stopped(run: Run) -> None:
    wanted = Filter(where=(where("kind=k2"),))
    part = find(run, wanted, first=0, limit=1, scan_s=0.0)
    assert part.searched == BLOCK_ROWS < part.total
    assert find(run, wanted, first=0, limit=1, scan_s=0.0).searched == 2 * BLOCK_ROWS


def test_the_past_has_no_later_lines(run: Run) -> None:
    [line] = find(run, Filter(), first=100, limit=1).lines
    found = find(run, Filter(), first=0, limit=1_000, until=line["offset"])
    assert (found.count, len(found.lines)) == (100, 100)


def test_lines_that_come_later_are_found_later(run: Run) -> None:
    wanted = Filter(text="late")
    assert all_of(run, wanted).count == 0
    with run.path.open("a") as lines:
        lines.write('{"note": "late"}\n')
    list(run.advance())
    assert all_of(run, wanted).count == 1
