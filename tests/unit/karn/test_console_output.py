import io
from datetime import UTC, datetime

import pytest

from karn import ConsoleOutput, TelemetryEvent, TelemetryEventType

THEN = datetime(2024, 6, 1, 12, 3, 4, tzinfo=UTC)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_event_is_one_readable_line() -> None:
    stream = io.StringIO()
    ConsoleOutput(stream=stream).emit(
        TelemetryEvent(
            TelemetryEventType.SEED_PRUNED,
            timestamp=THEN,
            slot_id="r0",
            epoch=3,
            message="no gain",
            data={"improvement": -3.90625, "by": {"whom": "policy"}, "none": None},
        )
    )
    assert stream.getvalue() == (
        "12:03:04 info SEED_PRUNED epoch=3 slot_id=r0 no gain improvement=-3.9062 by/whom=policy\n"
    )


def test_a_plain_mapping_is_printed_as_well() -> None:
    stream = io.StringIO()
    ConsoleOutput(stream=stream).emit({"timestamp": THEN.isoformat(), "loss": 0.5})
    assert stream.getvalue() == "12:03:04 info loss=0.5\n"


@pytest.mark.parametrize(
    ("threshold", "printed"), [("debug", 4), ("info", 3), ("warning", 1), ("error", 0)]
)
def test_only_what_is_severe_enough_is_printed(threshold: str, printed: int) -> None:
    stream = io.StringIO()
    output = ConsoleOutput(threshold, stream)
    for severity in ("debug", "info", "warning", "unheard-of"):
        output.emit(TelemetryEvent("A", severity=severity))
    assert stream.getvalue().count("\n") == printed


def test_an_unknown_threshold_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="min_severity must be one of"):
        ConsoleOutput("loud")


def test_colour_is_for_terminals_unless_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    warning = TelemetryEvent("A", severity="warning")
    for stream, color, coloured in (
        (Terminal(), None, True),
        (io.StringIO(), None, False),
        (io.StringIO(), True, True),
        (Terminal(), False, False),
    ):
        ConsoleOutput(stream=stream, color=color).emit(warning)
        assert ("\033[33m" in stream.getvalue()) is coloured


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    ConsoleOutput(stream=stream).emit(TelemetryEvent("A", severity="error"))
    assert "\033" not in stream.getvalue()


def test_an_event_cannot_control_the_terminal_or_fill_it() -> None:
    stream = io.StringIO()
    ConsoleOutput(stream=stream).emit(TelemetryEvent("A", message="\033[2J\n" + "x" * 1000))
    assert "\033" not in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
    assert len(stream.getvalue()) < 300


def test_standard_output_of_the_moment_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleOutput().emit(TelemetryEvent("A"))
    assert "info A" in capsys.readouterr().out
