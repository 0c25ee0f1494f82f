"""The state of a run, judged from evidence and said with its reason. Pure."""

import math
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Self

State = Literal["waiting", "live", "quiet", "finished", "failed", "lost"]

LIVE_GAPS = 5.0
"""A run is quiet once its silence exceeds this many of its usual gaps between lines."""
LEAST_LIVE_S = 10.0
"""Silence shorter than this never makes a run quiet: writers that buffer pause this long."""
HEARTBEATS_MISSED = 4.0
"""A run that promised heartbeats is lost after this many of them did not come."""


@dataclass(slots=True)
class Evidence:
    """What is known of a run's life. Times are seconds; None means that nobody knows.

    Attributes:
        trouble: Why the file cannot be read now, in the system's words; "" when it can.
        absent: Nothing is at the path.
        lines: Lines committed so far.
        silence_s: Since the last line that was no heartbeat.
        heartbeat_silence_s: Since the last line of any kind, for a run that promised heartbeats.
        heartbeat_s: The promised interval between heartbeats.
        usual_gap_s: Typical time between two lines.
        closed: What the run's own last record says: "finished", "failed", or "".
        error: The error of a failed run.
        process_alive: Whether the writing process lives; None when it is not of this machine.
        goal_reached: The run's own counter stands at its own total.
    """

    trouble: str = ""
    absent: bool = False
    lines: int = 0
    silence_s: float | None = None
    heartbeat_silence_s: float | None = None
    heartbeat_s: float | None = None
    usual_gap_s: float | None = None
    closed: str = ""
    error: str = ""
    process_alive: bool | None = None
    goal_reached: bool = False

    def aged(self, seconds: float) -> Self:
        """The same after a time in which nothing came."""
        silence_s, heartbeat_s = self.silence_s, self.heartbeat_silence_s
        return replace(
            self,
            silence_s=None if silence_s is None else silence_s + seconds,
            heartbeat_silence_s=None if heartbeat_s is None else heartbeat_s + seconds,
        )


class Judgement(NamedTuple):
    """A state and the sentence that says why."""

    state: State
    reason: str


def judge(evidence: Evidence) -> Judgement:
    """The state, and a sentence that names the evidence; never a guess at a crash.

    The run's own last word wins, then the life of its process, then its heartbeats, then silence
    measured by the run's own cadence.
    """
    if evidence.closed == "finished":
        return Judgement("finished", "the run said that it finished")
    if evidence.closed:
        return Judgement("failed", evidence.error or "the run said that it failed")
    if not evidence.lines:
        return Judgement("waiting", _waiting_for(evidence))
    if evidence.trouble:
        return Judgement("quiet", f"the file cannot be read now: {evidence.trouble}")
    if evidence.process_alive is False:
        return Judgement("lost", f"its process is gone without a last record; {_silence(evidence)}")
    if _heart_stopped(evidence):
        return Judgement("lost", f"its heartbeats stopped; {_silence(evidence)}")
    if evidence.absent:
        return Judgement("quiet", "the file is gone from its place; what was read is kept")
    if _is_live(evidence):
        return Judgement(
            "live", "lines arrive" if not evidence.process_alive else "its process lives"
        )
    if evidence.goal_reached:
        return Judgement("finished", f"its own counter reached its total; {_silence(evidence)}")
    return Judgement("quiet", _why_quiet(evidence))


def holds_s(evidence: Evidence) -> float:
    """For how long at least a state stays, while nothing comes and its process does not end."""
    silences = (
        (evidence.silence_s, _quiet_after_s(evidence)),
        (evidence.heartbeat_silence_s, _heart_stops_after_s(evidence)),
    )
    left_s = (most_s - so_far_s for so_far_s, most_s in silences if so_far_s is not None)
    return min((each for each in left_s if each >= 0.0), default=math.inf)


def _waiting_for(evidence: Evidence) -> str:
    if evidence.absent:
        return "waiting for the file: nothing is at this path yet"
    if evidence.trouble:
        return f"waiting for a file that can be read: {evidence.trouble}"
    return "waiting for the first line: the file is empty or its first line is not complete"


def _heart_stopped(evidence: Evidence) -> bool:
    if evidence.process_alive or not evidence.heartbeat_s or evidence.heartbeat_silence_s is None:
        return False
    return evidence.heartbeat_silence_s > _heart_stops_after_s(evidence)


def _heart_stops_after_s(evidence: Evidence) -> float:
    return max(HEARTBEATS_MISSED * (evidence.heartbeat_s or 0.0), LEAST_LIVE_S)


def _is_live(evidence: Evidence) -> bool:
    return evidence.silence_s is not None and evidence.silence_s <= _quiet_after_s(evidence)


def _quiet_after_s(evidence: Evidence) -> float:
    return max(LEAST_LIVE_S, LIVE_GAPS * (evidence.usual_gap_s or 0.0))


def _why_quiet(evidence: Evidence) -> str:
    parts = [_silence(evidence)]
    if evidence.heartbeat_s and evidence.heartbeat_silence_s is not None:
        parts.append(f"heartbeat {duration(evidence.heartbeat_silence_s)} ago")
    if evidence.process_alive:
        parts.append("its process lives")
    elif not evidence.heartbeat_s:
        parts.append("no end was written, so a pause and an end look the same")
    return "; ".join(parts)


def _silence(evidence: Evidence) -> str:
    if evidence.silence_s is None:
        return "nobody knows when its last line came"
    said = f"no line for {duration(evidence.silence_s)}"
    if evidence.usual_gap_s is not None:
        said += f"; usual gap {duration(evidence.usual_gap_s)}"
    return said


def duration(seconds: float) -> str:
    """A length of time in at most two units: ``8 ms``, ``0.4 s``, ``12 s``, ``2 h 5 min``."""
    if 0 < seconds < 0.05:
        return f"{math.ceil(seconds * 1000)} ms"
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"
