"""The finder takes the first browser that starts and says plainly when there is none."""

from pathlib import Path

import pytest
from browser import chromium

LOOKS = (
    "on_path",
    "in_playwright",
    "unpacked",
    "downloaded",
    "installed_by_apt",
    "unpacked_by_apt",
)


def program(path: Path, exit_code: int) -> Path:
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def nothing_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KARN_CHROMIUM", raising=False)
    for look in LOOKS:
        monkeypatch.setattr(chromium, look, lambda: None)


def test_the_named_one_comes_before_one_on_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chromium, "on_path", lambda: program(tmp_path / "other", 0))
    monkeypatch.setenv("KARN_CHROMIUM", str(program(tmp_path / "named", 0)))

    assert chromium.find() == tmp_path / "named"


def test_a_named_one_that_does_not_start_is_an_error_with_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KARN_CHROMIUM", str(tmp_path / "nowhere"))

    with pytest.raises(chromium.NoChromiumError, match="nowhere"):
        chromium.find()


def test_one_that_does_not_start_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chromium, "on_path", lambda: program(tmp_path / "broken", 127))
    monkeypatch.setattr(chromium, "unpacked_by_apt", lambda: program(tmp_path / "whole", 0))

    assert chromium.find() == tmp_path / "whole"


def test_where_there_is_none_the_cure_is_named() -> None:
    with pytest.raises(chromium.NoChromiumError, match="KARN_CHROMIUM"):
        chromium.find()
