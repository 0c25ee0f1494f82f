"""How good a network is, and by whom: measured by switching its seeds on and off. No I/O."""

from dataclasses import dataclass

from growth.attribution import Coalition, worths
from growth.digits import Part
from growth.network import Fit, Network
from growth.seed import Stage


@dataclass(frozen=True)
class Measures:
    """A network at the end of an epoch, on the validation part.

    Attributes:
        host_accuracy: With every seed switched off. A host that has grown used to its seeds does
            worse than one that never had any: this is what the seeds carry, not a baseline.
        twin_accuracy: Of the same host grown from the same start on the same minibatches, without
            ever a seed: the baseline.
    """

    train_loss: float
    fit: Fit
    host_accuracy: float
    twin_accuracy: float
    param_ratio: float

    @property
    def lead(self) -> float:
        """Points of accuracy ahead of the ungrown twin."""
        return round(self.fit.accuracy - self.twin_accuracy, 9)

    @property
    def efficiency(self) -> float | None:
        """(accuracy / host accuracy) / param ratio: above 1, accuracy grew more than the network.

        None where the host alone is never right.
        """
        if not self.host_accuracy:
            return None
        return self.fit.accuracy / self.host_accuracy / self.param_ratio


def measure(network: Network, twin: Network, part: Part, train_loss: float) -> Measures:
    """Measures the network, and each of its seeds: their `gain` is brought up to date."""
    fit = network.fit(part)
    for name, seed in network.seeds.items():
        if network.slots[name].active:
            seed.gain = fit.accuracy - _accuracy(network, part, {name: 0.0})
        elif seed.stage is Stage.TRAINING:
            seed.gain = _accuracy(network, part, {name: 1.0}) - fit.accuracy
    alone = _accuracy(network, part, dict.fromkeys(network.active, 0.0))
    return Measures(train_loss, fit, alone, twin.fit(part).accuracy, network.param_ratio)


def coalition_accuracies(network: Network, part: Part) -> dict[Coalition, float]:
    """Returns the accuracy of every coalition of the active seeds; the others are switched off."""
    active = network.active

    def accuracy(coalition: Coalition) -> float:
        return _accuracy(network, part, {name: 0.0 for name in active if name not in coalition})

    return worths(active, accuracy)


def _accuracy(network: Network, part: Part, alphas: dict[str, float]) -> float:
    with network.blended(alphas):
        return network.fit(part).accuracy
