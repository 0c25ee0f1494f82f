import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from karn_view.state import Evidence, Judgement, duration, holds_s, judge

RUNNING = Evidence(lines=100, silence_s=2.0, usual_gap_s=1.0)
SILENT = replace(RUNNING, silence_s=300.0)


@pytest.mark.parametrize(
    ("evidence", "state", "reason"),
    [
        (
            Evidence(absent=True),
            "waiting",
            "waiting for the file: nothing is at this path yet",
        ),
        (
            Evidence(trouble="Permission denied"),
            "waiting",
            "waiting for a file that can be read: Permission denied",
        ),
        (
            Evidence(),
            "waiting",
            "waiting for the first line: the file is empty or its first line is not complete",
        ),
        (RUNNING, "live", "lines arrive"),
        (replace(RUNNING, process_alive=True), "live", "its process lives"),
        (
            SILENT,
            "quiet",
            "no line for 5 min; usual gap 1.0 s; "
            "no end was written, so a pause and an end look the same",
        ),
        (
            replace(SILENT, process_alive=True),
            "quiet",
            "no line for 5 min; usual gap 1.0 s; its process lives",
        ),
        (
            replace(SILENT, heartbeat_s=10.0, heartbeat_silence_s=7.0),
            "quiet",
            "no line for 5 min; usual gap 1.0 s; heartbeat 7.0 s ago",
        ),
        (
            replace(RUNNING, trouble="Input/output error"),
            "quiet",
            "the file cannot be read now: Input/output error",
        ),
        (
            replace(RUNNING, absent=True),
            "quiet",
            "the file is gone from its place; what was read is kept",
        ),
        (
            Evidence(lines=1),
            "quiet",
            "nobody knows when its last line came; "
            "no end was written, so a pause and an end look the same",
        ),
        (
            replace(SILENT, goal_reached=True),
            "finished",
            "its own counter reached its total; no line for 5 min; usual gap 1.0 s",
        ),
        (replace(RUNNING, closed="finished"), "finished", "the run said that it finished"),
        (replace(RUNNING, closed="failed"), "failed", "the run said that it failed"),
        (replace(RUNNING, closed="failed", error="ValueError: no"), "failed", "ValueError: no"),
        (
            replace(SILENT, process_alive=False),
            "lost",
            "its process is gone without a last record; no line for 5 min; usual gap 1.0 s",
        ),
        (
            replace(SILENT, heartbeat_s=10.0, heartbeat_silence_s=41.0, usual_gap_s=None),
            "lost",
            "its heartbeats stopped; no line for 5 min",
        ),
    ],
)
def test_a_state_comes_with_its_reason(evidence: Evidence, state: str, reason: str) -> None:
    assert judge(evidence) == (state, reason)


def test_the_last_word_of_a_run_wins_over_all_other_evidence() -> None:
    against = Evidence("no", True, 9, 1e6, 1e6, 1.0, 1.0, "finished", "", False, False)
    assert judge(against).state == "finished"
    assert judge(replace(against, closed="failed")).state == "failed"


def test_a_dead_process_is_believed_although_lines_have_just_arrived() -> None:
    assert judge(replace(RUNNING, process_alive=False)).state == "lost"


def test_heartbeats_are_not_asked_of_a_process_that_is_seen_to_live() -> None:
    stopped = replace(SILENT, heartbeat_s=10.0, heartbeat_silence_s=300.0)
    assert judge(stopped).state == "lost"
    assert judge(replace(stopped, process_alive=True)).state == "quiet"


@pytest.mark.parametrize(("silence_s", "state"), [(40.0, "quiet"), (40.1, "lost")])
def test_four_missed_heartbeats_are_a_loss(silence_s: float, state: str) -> None:
    assert judge(replace(SILENT, heartbeat_s=10.0, heartbeat_silence_s=silence_s)).state == state


def test_fast_heartbeats_may_pause_for_ten_seconds() -> None:
    fast = replace(SILENT, heartbeat_s=0.1, heartbeat_silence_s=9.0)
    assert judge(fast).state == "quiet"
    assert judge(replace(fast, heartbeat_silence_s=10.1)).state == "lost"


@pytest.mark.parametrize(
    ("usual_gap_s", "silence_s", "state"),
    [
        (None, 10.0, "live"),
        (None, 10.1, "quiet"),
        (0.01, 10.0, "live"),
        (60.0, 300.0, "live"),
        (60.0, 300.1, "quiet"),
    ],
)
def test_silence_is_measured_by_the_cadence_of_the_run(
    usual_gap_s: float | None, silence_s: float, state: str
) -> None:
    assert judge(Evidence(lines=9, silence_s=silence_s, usual_gap_s=usual_gap_s)).state == state


def test_a_goal_that_is_reached_does_not_end_a_run_that_still_writes() -> None:
    assert judge(replace(RUNNING, goal_reached=True)).state == "live"


MAYBE_SECONDS = st.none() | st.floats(0, 1e9)


EVIDENCE = st.builds(
    Evidence,
    trouble=st.sampled_from(["", "Permission denied"]),
    absent=st.booleans(),
    lines=st.integers(0, 3),
    silence_s=MAYBE_SECONDS,
    heartbeat_silence_s=MAYBE_SECONDS,
    heartbeat_s=MAYBE_SECONDS,
    usual_gap_s=MAYBE_SECONDS,
    closed=st.sampled_from(["", "finished", "failed"]),
    error=st.sampled_from(["", "ValueError"]),
    process_alive=st.none() | st.booleans(),
    goal_reached=st.booleans(),
)


@given(EVIDENCE)
def test_every_evidence_has_a_state_with_a_reason(evidence: Evidence) -> None:
    judged = judge(evidence)
    assert isinstance(judged, Judgement)
    assert judged.reason
    assert (judged.state == "waiting") == (not evidence.lines and not evidence.closed)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3.0, "0.0 s"),
        (0.0, "0.0 s"),
        (0.004, "4 ms"),
        (0.42, "0.4 s"),
        (9.9, "9.9 s"),
        (10.0, "10 s"),
        (12.3, "12 s"),
        (59.0, "59 s"),
        (60.0, "1 min"),
        (299.0, "4 min"),
        (3599.0, "59 min"),
        (3600.0, "1 h"),
        (7500.0, "2 h 5 min"),
        (48 * 3600.0 - 1, "47 h 59 min"),
        (48 * 3600.0, "2 d"),
        (1e7, "115 d"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@given(EVIDENCE, st.floats(0.0, 0.999))
def test_a_state_stays_while_nothing_comes_for_as_long_as_it_is_said_to(
    evidence: Evidence, part: float
) -> None:
    seconds = part * min(holds_s(evidence), 1e9)
    assert judge(evidence.aged(seconds)).state == judge(evidence).state


def test_a_state_that_silence_turns_is_looked_at_when_it_does() -> None:
    assert holds_s(RUNNING) == 8.0
    assert judge(RUNNING.aged(8.1)).state == "quiet"
    assert holds_s(SILENT) == math.inf
