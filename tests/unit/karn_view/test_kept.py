from pathlib import Path

import pytest
from karn_view.kept import cache_folder, shelf_name


def test_the_cache_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/karn-view")
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert cache_folder() == Path.home() / ".cache" / "karn-view"


def test_each_file_and_each_reading_of_it_has_a_name_of_its_own() -> None:
    asked = [(None, None), ("step", None), (None, "step"), ("(None, None)", None)]
    names = {shelf_name(Path(path), overrides) for path in ("a", "b") for overrides in asked}
    assert len(names) == 2 * len(asked)
