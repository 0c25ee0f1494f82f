from collections.abc import Mapping
from typing import Any

import pytest

from karn import ConsoleOutput, OutputBackend, TelemetryEvent, TelemetryHub, emit, get_hub


class Recording:
    def __init__(self) -> None:
        self.calls: list[object] = []

    def start(self) -> None:
        self.calls.append("start")

    def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
        self.calls.append(event)

    def close(self) -> None:
        self.calls.append("close")


class Failing(Recording):
    def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
        super().emit(event)
        raise RuntimeError("broken")

    def close(self) -> None:
        raise RuntimeError("broken")


def test_each_output_gets_start_every_event_and_close() -> None:
    hub, output, event = TelemetryHub(), Recording(), TelemetryEvent("A")
    hub.add_backend(output)
    hub.emit(event)
    hub.close()
    hub.emit(event)
    assert output.calls == ["start", event, "close"]


def test_a_failing_output_is_said_once_and_hurts_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hub, failing, good = TelemetryHub(), Failing(), Recording()
    hub.add_backend(failing)
    hub.add_backend(good)
    for number in range(3):
        hub.emit({"n": number})
    hub.close()
    assert good.calls == ["start", {"n": 0}, {"n": 1}, {"n": 2}, "close"]
    assert len(failing.calls) == 4
    assert capsys.readouterr().err.count("output Failing failed: RuntimeError('broken')") == 1


def test_an_output_that_does_not_start_is_not_added() -> None:
    class Unready(Recording):
        def start(self) -> None:
            raise OSError("no such folder")

    hub, unready = TelemetryHub(), Unready()
    with pytest.raises(OSError, match="no such folder"):
        hub.add_backend(unready)
    hub.emit({})
    assert unready.calls == []


def test_a_removed_output_gets_nothing_more_and_stays_open() -> None:
    hub, output = TelemetryHub(), Recording()
    hub.add_backend(output)
    hub.remove_backend(output)
    hub.remove_backend(output)
    hub.emit({})
    hub.close()
    assert output.calls == ["start"]


def test_an_output_may_remove_itself_while_it_is_called() -> None:
    class Once(Recording):
        def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
            super().emit(event)
            hub.remove_backend(self)

    hub, once, other = TelemetryHub(), Once(), Recording()
    hub.add_backend(once)
    hub.add_backend(other)
    hub.emit({"n": 0})
    hub.emit({"n": 1})
    assert (len(once.calls), len(other.calls)) == (2, 3)


def test_the_shared_hub_is_one() -> None:
    output = Recording()
    get_hub().add_backend(output)
    emit({"n": 0})
    get_hub().remove_backend(output)
    assert output.calls == ["start", {"n": 0}]


def test_anything_with_three_methods_is_an_output() -> None:
    assert isinstance(Recording(), OutputBackend)
    assert isinstance(ConsoleOutput(), OutputBackend)
    assert not isinstance(object(), OutputBackend)
