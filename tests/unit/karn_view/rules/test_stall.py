from typing import Any

import pytest
from karn_view.rules import USUAL, Tuning, stalled, tuning_of
from karn_view.state import Evidence, judge


def told(tuning: Tuning = USUAL, **evidence: object) -> str | None:
    seen = Evidence(lines=9, **evidence)  # type: ignore[arg-type]
    alert = stalled(judge(seen), seen, tuning)
    return None if alert is None else f"{alert.severity} {alert.text}"


def test_silence_far_beyond_the_usual_gap_is_a_stall() -> None:
    assert told(silence_s=300.0, usual_gap_s=2.0) == (
        "warning no line for 5 min; the usual gap is 2.0 s"
    )


@pytest.mark.parametrize(
    "evidence",
    [
        {"silence_s": 30.0, "usual_gap_s": 2.0},
        {"silence_s": 300.0, "usual_gap_s": 60.0},
        {"silence_s": 300.0, "usual_gap_s": 2.0, "goal_reached": True},
        {"silence_s": 300.0, "usual_gap_s": 2.0, "closed": "finished"},
        {"silence_s": 300.0, "usual_gap_s": 2.0, "closed": "failed"},
        {"silence_s": None},
    ],
)
def test_a_pause_or_an_end_is_none(evidence: dict[str, Any]) -> None:
    assert told(**evidence) is None


def test_a_process_that_is_gone_without_a_last_word_is_one_at_once() -> None:
    said = told(silence_s=3.0, process_alive=False)
    assert said is not None and said.startswith("error its process is gone")


def test_how_long_a_silence_must_be_is_set_and_it_is_turned_off() -> None:
    patient, off = tuning_of({"STALL": {"seconds": 600}}), tuning_of({"STALL": {"on": False}})
    assert told(patient, silence_s=300.0, usual_gap_s=2.0) is None
    assert told(patient, silence_s=900.0, usual_gap_s=2.0) is not None
    assert told(off, silence_s=3.0, process_alive=False) is None
