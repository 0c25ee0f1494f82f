"""The clauses of the run file, read by a reader that is written after the specification alone."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

CLAUSES = Path(__file__).parents[2] / "sample_runs" / "clauses"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CLAUSES / "expected.json").read_text())
ENVELOPE = [
    "event_id",
    "event_type",
    "timestamp",
    "seed_id",
    "slot_id",
    "epoch",
    "group_id",
    "message",
    "data",
    "severity",
    "seq",
]

Record = dict[str, Any]


class Reading(NamedTuple):
    records: list[Record]
    blank: int
    text: list[str]
    faults: list[tuple[int, int]]
    torn: bytes

    @property
    def ending(self) -> str | None:
        ending = None
        for record in self.records:
            if record.get("event_type") == "RUN_OPENED":
                ending = "open"
            elif record.get("event_type") == "RUN_CLOSED":
                ending = record["data"]["status"]
        return ending

    def metrics(self) -> list[Record]:
        events = [record for record in self.records if record.get("event_type") == "METRICS"]
        return [event["data"]["metrics"] for event in events]


def read(name: str) -> Reading:
    data = (CLAUSES / f"{name}.jsonl").read_bytes()
    reading = Reading([], 0, [], [], data.rpartition(b"\n")[2])
    blank = 0
    for offset, line in lines(data):
        bare = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not bare:
            blank += 1
        elif isinstance(record := decoded(bare), dict):
            reading.records.append(record)
        elif is_karn(reading.records) or bare.startswith(b'{"'):
            reading.faults.append((offset, len(line)))
        else:
            reading.text.append(bare.decode())
    return reading._replace(blank=blank)


def lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    for line in data.split(b"\n")[:-1]:
        yield offset, line
        offset += len(line) + 1


def decoded(line: bytes) -> object:
    try:
        return json.loads(line.decode())
    except ValueError:
        return None


def is_karn(records: list[Record]) -> bool:
    return any("event_type" in record for record in records)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_clause_reads_as_expected(name: str) -> None:
    found, expected = read(Path(name).stem), EXPECTED[name]
    assert len(found.records) == expected["records"]
    assert found.blank == expected["blank"]
    assert len(found.text) == expected["text"]
    assert [list(fault) for fault in found.faults] == expected["faults"]
    assert len(found.torn) == expected["torn_bytes"]
    assert found.ending == expected["ending"]


def test_the_specification_names_every_clause_file_and_no_other() -> None:
    page = (CLAUSES.parent / "README.md").read_text()
    named = set(re.findall(r"\(clauses/([\w.-]+\.jsonl)\)", page))
    there = {path.name for path in CLAUSES.glob("*.jsonl")}
    assert named == there == set(EXPECTED)


def test_text_may_hold_any_character() -> None:
    (message,) = (record["message"] for record in read("line").records if record["message"])
    assert "\n" in message
    assert "\u2028" in message
    assert "🌱" in message


def test_a_torn_tail_is_the_beginning_of_a_line() -> None:
    torn = read("torn-tail").torn
    assert torn.startswith(b'{"event_id"')
    assert decoded(torn) is None


def test_non_finite_numbers_are_numbers_in_both_forms() -> None:
    strings = [{k: float(v) for k, v in row.items()} for row in read("nan-strings").metrics()]
    tokens = [{k: record[k] for k in strings[0]} for record in read("nan-tokens").records]
    for row in (strings, tokens):
        assert math.isnan(row[1]["loss"])
        assert [point["grad_norm"] for point in row] == [3.1, math.inf, -math.inf]


def test_integers_are_exact() -> None:
    (metrics,) = read("big-integers").metrics()
    assert metrics == {"tokens": 2**53 + 1, "rng_seed": 18295924486325041799}


@pytest.mark.parametrize(
    "name", sorted(set(EXPECTED) - {"incomplete-envelope.jsonl", "old-vocabulary.jsonl"})
)
def test_events_have_the_envelope_in_its_order(name: str) -> None:
    for record in read(Path(name).stem).records:
        if "event_type" in record:
            unnumbered = name == "no-frame.jsonl"
            assert list(record) == (ENVELOPE[:-1] if unnumbered else ENVELOPE)


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"faults.jsonl"}))
def test_every_seq_is_there_or_accounted_for(name: str) -> None:
    expected = 0
    for record in read(Path(name).stem).records:
        if "seq" not in record:
            continue
        if record.get("event_type") == "RUN_OPENED":
            expected = 0
        if record.get("event_type") == "EVENTS_DROPPED":
            ranges = record["data"]["ranges"]
            assert ranges == [[expected, record["seq"] - 1]]
            assert record["data"]["count"] == sum(last - first + 1 for first, last in ranges)
        else:
            assert record["seq"] == expected
        expected = record["seq"] + 1


def test_a_resumed_run_begins_before_the_point_where_it_ended() -> None:
    records = read("resumed").records
    steps = [record["data"]["step"] for record in records if record["event_type"] == "METRICS"]
    assert steps == [1, 2, 3, 2, 3, 4]
    openings = [record["data"] for record in records if record["event_type"] == "RUN_OPENED"]
    assert [opening["resumed"] for opening in openings] == [False, True]
    assert len({opening["run_id"] for opening in openings}) == 2


def test_a_forked_process_names_its_parent() -> None:
    parent, child = (read(name).records[0]["data"] for name in ("forked", "forked.4802"))
    assert child["parent_run_id"] == parent["run_id"] != child["run_id"]
    assert child["asked_for"] == "forked.jsonl"


def test_first_lines_tell_a_replaced_file_and_do_not_tell_a_rewritten_one() -> None:
    def first(name: str) -> bytes:
        return (CLAUSES / f"{name}.jsonl").read_bytes().partition(b"\n")[0]

    assert first("replaced-before") != first("replaced-after")
    assert first("rewritten-before") == first("rewritten-after")
    rewritten = (CLAUSES / "rewritten-after.jsonl").read_bytes()
    assert not (CLAUSES / "rewritten-before.jsonl").read_bytes().startswith(rewritten)
