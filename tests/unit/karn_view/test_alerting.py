"""When the rules look at a run that is being read."""

from pathlib import Path

import pytest
from karn_view import alerting as module
from karn_view.alerting import Alerting
from karn_view.generation import Generation
from karn_view.run import Run
from karn_view.tail import Limits, Tail

BLOCK_BYTES = 4_096
BLOCKS = 64
NAN = b'{"loss": NaN}\n'
LINE = b'{"loss": 0.5}\n'


def test_rules_look_at_several_blocks_of_a_large_file_together_and_at_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def look(self: Generation, *args: object) -> bool:
        nonlocal looks
        looks += 1
        return plain_look(self, *args)  # type: ignore[arg-type]

    plain_look = Generation.look
    monkeypatch.setattr(Generation, "look", look)
    monkeypatch.setattr(module, "LOOKED_AT_BYTES", 8 * BLOCK_BYTES)
    path = tmp_path / "run.jsonl"
    path.write_bytes(NAN + LINE * (BLOCKS * BLOCK_BYTES // len(LINE)) + NAN)
    run = Run("id", "name", path, Tail(path, limits=Limits(block_bytes=BLOCK_BYTES)))
    alerting = Alerting()
    for _ in run.advance():
        alerting.look(run)
    (group,) = run.current.watch.alerts(run.current.store).groups.values()
    assert group.count == 2
    assert BLOCKS // 8 <= looks < BLOCKS // 2
    run.close()
