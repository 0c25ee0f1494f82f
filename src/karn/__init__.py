"""A training's events, one JSON line each, in a file that anybody may watch.

Example:
    ```python
    from karn import FileOutput

    with FileOutput("runs/2024-06-01.jsonl", config={"lr": 3e-4}) as run:
        for step in range(1000):
            run.log({"loss": train_step()}, step=step)
    ```
"""

from karn.console_output import ConsoleOutput
from karn.dashboard import Dashboard, start_dashboard
from karn.event import TelemetryEvent, TelemetryEventType
from karn.file_output import FileOutput
from karn.output import OutputBackend, TelemetryHub, emit, get_hub

__all__ = [
    "ConsoleOutput",
    "Dashboard",
    "FileOutput",
    "OutputBackend",
    "TelemetryEvent",
    "TelemetryEventType",
    "TelemetryHub",
    "emit",
    "get_hub",
    "start_dashboard",
]
