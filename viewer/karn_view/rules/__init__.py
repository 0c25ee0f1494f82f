"""What in the numbers of any run is worth an alert: rules built in, and one's own. Pure."""

from karn_view.rules.own import OwnRule, read_rules
from karn_view.rules.stall import stalled
from karn_view.rules.watch import Watch

__all__ = ["OwnRule", "Watch", "read_rules", "stalled"]
