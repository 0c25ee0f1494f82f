"""What went wrong in a run, kept for the whole run. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.event import Event


class AlertsFold(msgspec.Struct):
    """Groups of like alerts, each with its count and places."""

    def apply(self, event: Event) -> None:
        """Takes one event in."""

    def dashboard(self) -> dict[str, Any]:
        """The alerts, worst first."""
        return {"alerts": []}
