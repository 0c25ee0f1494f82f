"""Trains a network that grows, on scikit-learn's digits, and writes the run to a file.

    python sample_runs/morphogenesis.py --dashboard

Everything in the file is computed, nothing is made up. What is trained: `sample_runs/README.md`.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from growth.digits import Digits, load
from growth.settings import Settings
from growth.training import Progress, Training
from growth.watch import Diverged

from karn import ConsoleOutput, FileOutput, TelemetryHub, start_dashboard

DEFAULTS = Settings()
HEARTBEAT_S = 5.0


def count(text: str) -> int:
    """Reads a whole number from 1 up."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    add = parser.add_argument
    add("--episodes", type=count, default=DEFAULTS.episodes, help="how long (%(default)s)")
    add("--envs", type=count, default=DEFAULTS.envs, help="episodes in a batch (%(default)s)")
    add("--epochs", type=count, default=DEFAULTS.epochs, help="in an episode (%(default)s)")
    add("--seed", type=int, default=DEFAULTS.seed, help="of all that is drawn (%(default)s)")
    add("--lr", type=float, default=DEFAULTS.lr, help="of host and seeds (%(default)s)")
    add(
        "--lr-growth",
        type=float,
        default=DEFAULTS.lr_growth,
        help="multiplies --lr after every batch; above 1 it will diverge sooner or later",
    )
    add(
        "--pace",
        dest="pace_s",
        metavar="SECONDS",
        type=float,
        default=DEFAULTS.pace_s,
        help="rest after every epoch, to watch at leisure",
    )
    add("--out", type=Path, help="the run file (runs/morphogenesis-<time>.jsonl)")
    add("--dashboard", action="store_true", help="watch it: starts karn-view beside the training")
    add("--dashboard-port", type=int, help="the port to watch it at")
    add("--quiet", action="store_true", help="say nothing on the terminal but what went wrong")
    return parser.parse_args(given)


def settings_of(options: argparse.Namespace) -> Settings:
    """Returns the settings, with what the command line says about them."""
    named = {name: getattr(options, name, default) for name, default in asdict(DEFAULTS).items()}
    return Settings(**named)


def path_of(options: argparse.Namespace) -> Path:
    """Returns where to write: what was asked for, or a new file of this moment."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%d-%H%M%S")
    return options.out or Path("runs", f"morphogenesis-{stamp}.jsonl")


def told(progress: Progress) -> str:
    """Returns a batch as one line."""
    return (
        f"batch {progress.batch:>3}/{progress.batches}"
        f"   accuracy {progress.accuracy:5.1f}, ungrown twin {progress.twin_accuracy:5.1f}"
        f"   parameters x{progress.param_ratio:.2f}   reward {progress.reward:5.2f}"
        f"   entropy {progress.entropy:.2f}   KL {progress.kl_divergence:.4f}"
    )


def train(
    output: FileOutput, digits: Digits, settings: Settings, tell: Callable[[str], None]
) -> int:
    """Trains, and closes the run as what it became; returns the exit code."""
    hub = TelemetryHub()
    hub.add_backend(output)
    hub.add_backend(ConsoleOutput(min_severity="warning"))
    training = Training(digits, settings, hub.emit)
    try:
        training.run(lambda progress: tell(told(progress)))
    except Diverged as error:
        # A result, not a fault in the code: nobody is helped by where it was noticed.
        output.close(error.with_traceback(None))
        print(f"diverged: {error}", file=sys.stderr)
        return 1
    return 0


def main(given: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    options = arguments(given)
    settings = settings_of(options)
    digits = load(settings.seed)
    tell: Callable[[str], None] = (lambda text: None) if options.quiet else print
    with FileOutput(path_of(options), config=asdict(settings), heartbeat_s=HEARTBEAT_S) as output:
        tell(f"writing {output.path}")
        if options.dashboard:
            start_dashboard(output.path, port=options.dashboard_port)
        return train(output, digits, settings, tell)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
