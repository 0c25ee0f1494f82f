"""The page's pure modules keep their promises, as Node sees them."""

import re
import shutil
import subprocess
from pathlib import Path

import karn_view
import pytest

PAGE = Path(karn_view.__file__).parent / "static"


def test_the_pure_modules_of_the_page_do_what_they_say(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on PATH: the pure modules are tested through the browser only")
    shutil.copytree(PAGE / "js", tmp_path / "js")
    for beside in ("pure.test.mjs", "../conditions.json"):
        shutil.copy(Path(__file__).parent / beside, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    command = [node, "--test", "pure.test.mjs"]
    done = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


def test_nothing_of_a_file_can_become_markup() -> None:
    ways = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(")
    for module in PAGE.glob("js/**/*.js"):
        assert [way for way in ways if way in module.read_text()] == [], module.name


def test_every_module_is_checked_for_its_types_and_says_its_job() -> None:
    for module in PAGE.glob("js/**/*.js"):
        first, second = module.read_text().splitlines()[:2]
        assert first == "// @ts-check", module.name
        assert second.startswith("/** "), module.name


def test_the_page_names_no_other_host() -> None:
    for file in [*PAGE.glob("js/**/*.js"), PAGE / "index.html", PAGE / "style.css"]:
        found = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in found and "https://" not in found, file.name


def test_what_stands_for_the_viewer_offline_offers_the_same() -> None:
    def offered(module: Path) -> set[str]:
        return set(
            re.findall(r"^export (?:async )?(?:function|class) (\w+)", module.read_text(), re.M)
        )

    pairs = [(PAGE / "js" / name, PAGE / "js" / "offline" / name) for name in ("api.js", "feed.js")]
    for online, offline in pairs:
        assert offered(online) - {"unpack"} == offered(offline), online.name
