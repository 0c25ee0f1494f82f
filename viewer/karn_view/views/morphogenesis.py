"""The state of a morphogenetic training at one moment of its run. Pure."""

from typing import Any

import msgspec

from karn_view.formats.karn.event import Event


class MorphogenesisFold(msgspec.Struct):
    """Folds Karn events into what the dashboard shows."""

    def apply(self, event: Event) -> None:
        """Takes one event in; odd fields read as missing."""

    def dashboard(self) -> dict[str, Any]:
        """The dashboard's fields; None was never measured."""
        names = "epoch max_epochs mode accuracy host_accuracy param_ratio efficiency value_variance entropy"
        return dict.fromkeys([*names.split(), "kl_divergence"]) | {
            "seeds": [],
            "recent_actions": [],
        }
