"""What a training is asked to be. No I/O."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The knobs, as they stand in the run file's configuration.

    Attributes:
        lr: Learning rate of host and seeds.
        lr_growth: What `lr` is multiplied with after every batch of episodes.
        pace_s: Seconds to rest after every epoch, so that eyes can follow.
        width: Features per window of the host.
    """

    episodes: int = 120
    envs: int = 3
    epochs: int = 24
    seed: int = 7
    lr: float = 0.02
    lr_growth: float = 1.0
    pace_s: float = 0.0
    width: int = 2
    policy_lr: float = 0.005
    entropy_coef: float = 0.01
    clip_ratio: float = 0.2
    gamma: float = 0.99
    gae_lambda: float = 0.95

    @property
    def batches(self) -> int:
        """Batches of one episode in each environment; the last may be smaller."""
        return -(-self.episodes // self.envs)
