"""The training side imports the standard library only, so that it fits into any training."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import karn

FOLDER = Path(karn.__file__).parent


def imported(path: Path) -> Iterator[str]:
    """Yield the top-level names of what a module imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def test_it_imports_the_standard_library_only() -> None:
    modules = [path for path in FOLDER.rglob("*.py") if "integrations" not in path.parts]
    foreign = {
        (path.name, name)
        for path in modules
        for name in imported(path)
        if name not in sys.stdlib_module_names | {"karn"}
    }

    assert modules
    assert not foreign
