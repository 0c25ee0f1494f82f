"""`./nox` works from a bare Python, and what pip was told holds for uv too."""

import os
import runpy
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "nox"
LISTED = """:env:.index-url='http://mirror.test/simple'
global.index-url='http://other.test/simple'
global.timeout='60'
"""


def test_a_mirror_told_to_pip_is_told_to_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    script = runpy.run_path(str(SCRIPT))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=LISTED))

    settings = script["settings_of_pip"]()

    assert settings == {"UV_DEFAULT_INDEX": "http://mirror.test/simple", "UV_HTTP_TIMEOUT": "60"}


def test_it_is_executable() -> None:
    assert os.access(SCRIPT, os.X_OK)
