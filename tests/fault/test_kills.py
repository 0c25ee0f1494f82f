"""kill -9 of the training and of the viewer, again and again: each step reaches the page once."""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from emitting import Training, committed, emitted, next_step
from page import PATIENCE_S, Page
from viewing import Viewer, start_viewer
from writing import readable

KILLS = int(os.environ.get("KARN_KILLS", "20"))
HALVES = 2  # of the viewer's kills, so that two of them are killed side by side
TOKEN = "the-page-knows-one-only"


def start(path: Path, port: int = 0) -> Viewer:
    return start_viewer(path, "--port", str(port), "--token", TOKEN)


@contextmanager
def page_of(viewer: Viewer) -> Iterator[Page]:
    page = Page(viewer.socket_url)
    try:
        yield page
    finally:
        page.close()


def agree(page: Page, folder: Path, kills: str) -> None:
    """What was emitted is in the files and was delivered, each step once and in order."""
    in_files = committed(folder)
    page.await_steps(len(in_files))
    print(f"{kills}: {emitted(folder)} emitted, {len(in_files)} committed, {page.account}")
    assert in_files == list(range(len(in_files)))
    assert page.steps == bytes([1] * len(in_files))
    assert page.out_of_order == 0


def test_a_training_killed_at_any_moment_and_resumed_reaches_the_page_whole(
    tmp_path: Path,
) -> None:
    """A step that was acknowledged and is not in the file would be acknowledged again."""
    draw = random.Random(20240601)
    path, first = tmp_path / "run.jsonl", 0
    viewer = start(path)
    try:
        with page_of(viewer) as page:
            for _ in range(KILLS):
                training = Training(tmp_path, first, lines_per_s=5_000)
                time.sleep(draw.uniform(0, 0.04))
                training.kill()
                first = next_step(path)
            agree(page, tmp_path, f"{KILLS} kills of the training")
    finally:
        viewer.close()
    assert first - KILLS <= emitted(tmp_path) <= first
    assert len(page.faults) == len(readable(path)[1])


@pytest.mark.parametrize("half", range(HALVES))
def test_a_viewer_killed_at_any_moment_leaves_no_gap_on_its_page(
    half: int, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    """The file is renamed, replaced by a copy or truncated before the kill or after it.

    It is truncated only when all was delivered: what nobody saw before is owed to nobody. And then
    it stays until the page stands in the new content, as nothing leads there from the old one.
    """
    draw = random.Random(half)
    kills = max(2, KILLS * 2 // 5 // HALVES)
    training = Training(tmp_path, lines_per_s=500)
    viewer = start(training.path)
    port, stands = viewer.port, 1  # who has nothing yet is owed nothing of a file that goes
    try:
        with page_of(viewer) as page:
            for kill in range(kills):
                eventually(lambda kill=kill: page.links > kill, within_s=PATIENCE_S)
                page.await_steps(stands)
                time.sleep(draw.uniform(0, 0.3))
                word = draw.choice(("go on", "rename", "replace_by_copy", "truncate"))
                count = training.pause()
                if word == "truncate":
                    page.await_steps(count)
                    stands = count + 1
                changes_first = draw.random() < 0.5
                if changes_first:
                    training.tell(word)
                    time.sleep(draw.uniform(0, 0.05))
                viewer.kill()
                if not changes_first:
                    training.tell(word)
                viewer.close()
                viewer = start(training.path, port)
            count = training.pause()
            agree(page, tmp_path, f"{kills} kills of the viewer")
        assert (emitted(tmp_path), page.faults) == (count, [])
    finally:
        training.kill()
        viewer.close()
