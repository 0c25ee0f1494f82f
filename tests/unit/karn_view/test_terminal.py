import io
from types import SimpleNamespace

import pytest
from karn_view import terminal
from karn_view.terminal import Readings


class Terminal(io.StringIO):
    """What a terminal of one line shows, and whether more than a line was ever on it."""

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> str:
        line = ""
        for part in self.getvalue().split("\r")[1:]:
            text, erased, _ = part.partition("\x1b[K")
            line = text + ("" if erased else line[len(text) :])
        return line

    @property
    def widest(self) -> int:
        return max(len(part.partition("\x1b[K")[0]) for part in self.getvalue().split("\r"))


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    monkeypatch.setattr(terminal, "sys", SimpleNamespace(stderr=screen))
    monkeypatch.setattr(terminal, "PROGRESS_EVERY_S", 0.0)
    return screen


def test_several_readings_leave_nothing_of_each_other_on_the_line(screen: Terminal) -> None:
    readings = Readings()
    readings.show("a-long-name-of-a-run", 100, 40)
    readings.show("b", 100, 50)
    assert screen.shown.endswith(" 50%  b")
    readings.clear("b")
    assert screen.shown == ""
    readings.close()


@pytest.mark.parametrize("columns", [20, 50, 80])
def test_a_bar_is_no_longer_than_the_line(
    screen: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    Readings().show("n" * 100, 100, 70)
    assert 10 < screen.widest < columns


def test_a_size_that_turns_out_to_be_another_is_told(screen: Terminal) -> None:
    readings = Readings()
    readings.show("run", 100, 50)
    readings.show("run", 200, 50)
    assert " 25%  run" in screen.shown
