"""Fuzzes the laws one after the other, a minute each unless told otherwise.

    PYTHONPATH=tests python -m fuzz [--seconds N] [LAW ...]

What was reached is kept in `artefacts/fuzz` and gone on from. A file that breaks a law is made
smaller and put into the corpus, where the ordinary tests find it.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from fuzz.laws import LAWS

CORPUS = Path(__file__).parent / "corpus"
CLAUSES = Path("sample_runs", "clauses")
REACHED = Path("artefacts", "fuzz")
COVERAGE = re.compile(r"^#(\d+)\s+(?!pulse).* cov: (\d+) ft: (\d+)", re.MULTILINE)
LIMITS = ("-max_len=8192", "-timeout=300", "-report_slow_units=300")
"""Bytes and seconds of one file; a busy machine makes any of them slow."""
MINIMISE_S = 20


def fuzz(law: str, seconds: int) -> bool:
    """Fuzzes one law; says how far it came, and whether the law held."""
    reached, found = REACHED / law, REACHED / f"{law}.found"
    reached.mkdir(parents=True, exist_ok=True)
    found.unlink(missing_ok=True)
    limits = (f"-max_total_time={seconds}", f"-exact_artifact_path={found}")
    log = run(law, *limits, reached, CORPUS, CLAUSES)
    held = not found.exists()
    if held and "DONE" not in log:
        sys.exit(log[-2_000:])
    seen = COVERAGE.findall(log) or [("0", "0", "0")]
    (_, branches, features), (executions, *last) = seen[0], seen[-1]
    print(
        f"{law:8}{executions:>9} executions, branches {branches} → {last[0]}, "
        f"features {features} → {last[1]}: {'held' if held else 'BROKEN'}",
        flush=True,
    )
    if not held:
        keep(law, found)
    return held


def keep(law: str, found: Path) -> None:
    """Makes a case smaller and puts it into the corpus."""
    case = CORPUS / f"found-{law}"
    case.write_bytes(found.read_bytes())
    limits = ("-minimize_crash=1", f"-max_total_time={MINIMISE_S}")
    run(law, *limits, f"-exact_artifact_path={case}", found)
    trace = run(law, case).partition("=== Uncaught Python exception: ===")[2].partition("==")[0]
    print(trace, f"{case}: {case.read_bytes()[:400]!r}", flush=True)


def run(law: str, *options: str | Path) -> str:
    """What libFuzzer says, in a process of its own."""
    command = [sys.executable, "-m", "fuzz.run", law, *LIMITS, *map(str, options)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="replace")


def main() -> int:
    """Zero when every law held."""
    parser = argparse.ArgumentParser(prog="fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("laws", nargs="*", metavar="LAW", help=f"{', '.join(LAWS)}; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="for each law (default: 60)")
    given = parser.parse_args()
    held = [fuzz(law, given.seconds) for law in given.laws or LAWS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
