"""When the silence of a run is worth an alert. Pure."""

from karn_view.rules.built_in import USUAL, Tuning
from karn_view.state import Evidence, Judgement, duration
from karn_view.views.alerts import Alert

TYPE = "STALL"


def stalled(judged: Judgement, evidence: Evidence, tuning: Tuning = USUAL) -> Alert | None:
    """The alert for a run that should go on and does not; None while all may be well.

    A run that ended, by its own word or by its own counter, is not stalled.
    """
    if not tuning.is_on(TYPE):
        return None
    if judged.state == "lost":
        return Alert(TYPE, "lost", "error", judged.reason, None, None)
    if judged.state != "quiet" or evidence.goal_reached or evidence.silence_s is None:
        return None
    least_s, gaps = tuning.of(TYPE, "seconds"), tuning.of(TYPE, "gaps")
    if evidence.silence_s <= max(least_s, gaps * (evidence.usual_gap_s or 0.0)):
        return None
    usual = evidence.usual_gap_s
    often = f"; the usual gap is {duration(usual)}" if usual is not None else ""
    text = f"no line for {duration(evidence.silence_s)}{often}"
    return Alert(TYPE, "silent", "warning", text, None, None)
