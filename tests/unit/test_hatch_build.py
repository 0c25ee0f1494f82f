"""The build hook takes exactly the pinned files, and asks for Node only where it must."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HOOK = Path(__file__).resolve().parents[2] / "viewer" / "hatch_build.py"
VENDOR = Path("viewer", "karn_view", "static", "vendor")
CONTENT = b"the script"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hook(module: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hook in an empty project whose one asset is `CONTENT`."""
    asset = module.Asset("package/script.js", "script.js", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(module, "ASSETS", (asset,))
    return module.VendorHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def npm_that_installs(content: bytes) -> Any:
    def install(web: Path, folder: Path) -> Path:
        put(folder / "node_modules/package/script.js", content)
        return folder / "node_modules"

    return install


def test_files_in_place_need_neither_npm_nor_node(
    module: ModuleType, hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / VENDOR / "script.js", CONTENT)
    monkeypatch.setattr(module, "install", None)

    assert hook.dependencies() == []
    hook.initialize("standard", {})


def test_without_npm_a_node_wheel_is_asked_for(
    module: ModuleType, hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(module.NO_SYSTEM_NPM, "1")

    assert hook.dependencies() == [module.NODE_WHEEL]


def test_a_file_that_was_changed_is_replaced(
    module: ModuleType, hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / VENDOR / "script.js", b"something else")
    monkeypatch.setattr(module, "install", npm_that_installs(CONTENT))

    hook.initialize("standard", {})

    assert (tmp_path / VENDOR / "script.js").read_bytes() == CONTENT


def test_a_file_other_than_the_pinned_one_stops_the_build(
    module: ModuleType, hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "install", npm_that_installs(b"something else"))

    with pytest.raises(SystemExit, match="pinned"):
        hook.initialize("standard", {})

    assert not (tmp_path / VENDOR / "script.js").exists()
