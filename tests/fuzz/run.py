"""Runs one law on files that libFuzzer makes up, guided by the code that they reach.

PYTHONPATH=tests python -m fuzz.run LAW [LIBFUZZER_OPTION ...] [FOLDER ...]
"""

import random
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["karn_view"]):
    from fuzz.laws import LAWS
from fuzz.mutation import Mutation

CORPUS = Path(__file__).parent / "corpus"


def main(law: str, *options: str) -> None:
    """Fuzzes until libFuzzer's options say enough or the law is broken."""
    mutation = Mutation(case.read_bytes() for case in sorted(CORPUS.iterdir()))

    def mutated(data: bytes, size_most: int, seed: int) -> bytes:
        draw = random.Random(seed)
        if draw.random() < 0.5:
            return bytes(atheris.Mutate(data, size_most))
        return mutation.apply(data, draw)[:size_most]

    # libFuzzer makes a found case smaller in processes that it starts by this name.
    name = f"{sys.executable} -m fuzz.run {law}"
    atheris.Setup([name, *options], LAWS[law], custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
