"""What is odd about a file, and at which line."""

import math
from typing import Any

from karn_view.formats import Overrides
from karn_view.inspection import KEPT_PER_KIND, Finding, Inspection, Report
from karn_view.lines import Line
from karn_view.record import Fault


def inspected(*lines: str, torn: int = 0, **overrides: str) -> Report:
    inspection = Inspection(Overrides(**overrides))
    offset = 0
    for line in lines:
        data = line.encode()
        end = offset + len(data) + 1
        inspection.take([Line(offset, data)], end)
        offset = end
    return inspection.report(offset + torn, torn)


def found(report: Report, kind: str) -> list[tuple[int, int, str]]:
    return [finding[1:] for finding in report.findings if finding.kind == kind]


def step(n: int, loss: object = 0.5, **more: Any) -> str:
    told = "".join(f', "{key}": {value}' for key, value in more.items())
    return f'{{"step": {n}, "loss": {loss}{told}}}'


def test_a_clean_file_has_no_findings() -> None:
    report = inspected(step(1), step(2))
    assert (report.findings, report.found) == ([], {})
    assert (report.axis.name, report.span) == ("step", (1, 2))
    assert [tuple(metric) for metric in report.metrics] == [("step", 2, 0), ("loss", 2, 0)]


def test_a_fault_has_its_line_and_offset() -> None:
    report = inspected(step(1), '{"step": 2, "lo', step(3))
    ((offset, line, message),) = found(report, "fault")
    assert (offset, line) == (len(step(1)) + 1, 2)
    assert "not JSON" in message
    assert (report.counts.lines, report.counts.records, report.counts.faults) == (3, 2, 1)


def test_lines_of_all_kinds_add_up() -> None:
    counts = inspected(
        "hello", "", step(1), "{'a': 1}", '{"a', "{", '"log": [', "{}", "]", "}"
    ).counts
    assert counts.lines == 10
    assert (counts.records, counts.text, counts.blank, counts.faults) == (3, 2, 1, 1)
    assert counts.within == 3


def test_values_that_are_not_finite_are_counted_by_metric() -> None:
    report = inspected(step(1), step(2, "NaN"), step(3, '"-Infinity"'))
    ((_, line, message),) = found(report, "non-finite")
    assert line == 2
    assert message == "2 of 3 values of loss are not finite, the first is nan"


def test_a_gap_in_seq_is_told_and_a_count_that_begins_again_is_not() -> None:
    opened = '{"event_type": "RUN_OPENED", "seq": 0}'
    report = inspected(step(1, seq=7), step(2, seq=8), step(3, seq=11), opened, step(4, seq=1))
    ((_, line, message),) = found(report, "seq")
    assert (line, message) == (3, "seq goes from 8 to 11: 2 lines are missing")
    assert found(inspected(step(1, seq=7), step(2, seq=7)), "seq")[0][2] == "seq 7 comes twice"


def test_a_gap_that_the_writer_accounts_for_says_so() -> None:
    dropped = (
        '{"event_type": "EVENTS_DROPPED", "data": {"count": 2, "reason": "disk full"}, "seq": 10}'
    )
    ((_, _, message),) = found(inspected(step(1, seq=7), dropped), "seq")
    assert message.endswith("2 lines are missing; the writer dropped 2: disk full")


def test_resumes_and_runs_are_told_with_what_x_did() -> None:
    report = inspected(*(step(n) for n in [*range(5, 60), *range(40, 70), *range(5, 9)]))
    assert [(line, message) for _, line, message in found(report, "resume")] == [
        (56, "step 59 → 40")
    ]
    assert [(line, message) for _, line, message in found(report, "run")] == [(86, "step 69 → 5")]


def test_a_torn_end_is_told_with_its_size() -> None:
    assert inspected(step(1), torn=9).findings == [
        Finding("torn", len(step(1)) + 1, 2, "9 bytes after the last line end")
    ]


def test_a_file_without_records_and_one_with_too_many_names_are_odd() -> None:
    assert "25" not in found(inspected(*["words"] * 5), "format")[0][2]
    wide = "{" + ", ".join(f'"m{n}": {n}' for n in range(6000)) + "}"
    assert "5,000" in found(inspected(wide), "limit")[0][2]


def test_bytes_that_are_no_line_are_a_fault() -> None:
    inspection = Inspection(Overrides())
    inspection.take([Line(0, step(1).encode())], 24)
    inspection.take([Fault(24, "a hole", 100)], 124)
    report = inspection.report(124, 0)
    assert report.findings == [Finding("fault", 24, 2, "a hole")]
    assert report.counts.lines == 2


def test_so_many_findings_of_a_kind_are_kept_and_all_are_counted() -> None:
    report = inspected(*['{"a'] * (KEPT_PER_KIND + 5))
    assert report.found == {"fault": KEPT_PER_KIND + 5}
    assert len(report.findings) == KEPT_PER_KIND


def test_the_axis_and_the_clock_may_be_chosen() -> None:
    lines = [step(n, tokens=n * 512, saved=1.7e9 + n) for n in range(5)]
    report = inspected(*lines, x="tokens", time="saved")
    assert (report.axis.name, report.span, report.clocks) == ("tokens", (0, 2048), ["saved"])
    assert (report.timed, report.first_wall) == (5, 1.7e9)
    assert math.isnan(inspected(*lines).first_wall)
