"""What in the numbers of any run is worth an alert: rules built in, and one's own. Pure."""

from karn_view.rules.built_in import BUILT_IN, USUAL, BuiltIn, Tuning, tuning_of
from karn_view.rules.own import OwnRule, read_rules
from karn_view.rules.stall import stalled
from karn_view.rules.watch import Watch

__all__ = [
    "BUILT_IN",
    "USUAL",
    "BuiltIn",
    "OwnRule",
    "Tuning",
    "Watch",
    "read_rules",
    "stalled",
    "tuning_of",
]
