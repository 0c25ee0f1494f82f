"""When the silence of a run is worth an alert. Pure."""

from karn_view.state import Evidence, Judgement, duration
from karn_view.views.alerts import Alert

TYPE = "STALL"
LEAST_S = 60.0
GAPS = 20.0
"""So many usual gaps without a line are a stall: far more than what makes a run quiet."""


def stalled(judged: Judgement, evidence: Evidence) -> Alert | None:
    """The alert for a run that should go on and does not; None while all may be well.

    A run that ended, by its own word or by its own counter, is not stalled.
    """
    if judged.state == "lost":
        return Alert(TYPE, "lost", "error", judged.reason, None, None)
    if judged.state != "quiet" or evidence.goal_reached or evidence.silence_s is None:
        return None
    if evidence.silence_s <= max(LEAST_S, GAPS * (evidence.usual_gap_s or 0.0)):
        return None
    usual = evidence.usual_gap_s
    often = f"; the usual gap is {duration(usual)}" if usual is not None else ""
    text = f"no line for {duration(evidence.silence_s)}{often}"
    return Alert(TYPE, "silent", "warning", text, None, None)
