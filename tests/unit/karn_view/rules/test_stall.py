import pytest
from karn_view.rules import stalled
from karn_view.state import Evidence, judge


def told(**evidence: object) -> str | None:
    seen = Evidence(lines=9, **evidence)  # type: ignore[arg-type]
    alert = stalled(judge(seen), seen)
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
def test_a_pause_or_an_end_is_none(evidence: dict[str, object]) -> None:
    assert told(**evidence) is None


def test_a_process_that_is_gone_without_a_last_word_is_one_at_once() -> None:
    said = told(silence_s=3.0, process_alive=False)
    assert said is not None and said.startswith("error its process is gone")
