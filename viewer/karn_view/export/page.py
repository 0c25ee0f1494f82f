"""The page and a run in one HTML file that replays the run offline, with the same modules.

No build step: the modules stand in an import map as ``data:`` addresses, and two of them, those
that talk to a viewer, are replaced by those of ``js/offline``, which answer from what is packed.
"""

import base64
import json
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from karn_view.export.pack import pack
from karn_view.run import Run

STATIC = Path(__file__).parent.parent / "static"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)
"""Whatever a run holds, the file loads nothing and sends nothing."""
OFFLINE = "js/offline/"
ENTRY = "js/main.js"
PREFIX = "karn/"

_IMPORT = re.compile(r'^((?:import|export)\b[^;"]*?(?:from\s*)?)"(\.[^"]+)"', re.M)
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_ICON = re.compile(r'(<link rel="icon" href=")([^"]+)(" type="([^"]+)">)')
_SCRIPT = re.compile(r'<script type="module" src="[^"]+"></script>')


def as_page(
    run: Run, *, lines: bool = True, told: Callable[[float], None] = lambda share: None
) -> bytes:
    """The file; ``told`` hears which share of the work is done. Reads the run's file.

    Raises:
        KarnViewError: The lines are too many to be packed.
    """
    packed = base64.b64encode(pack(run, lines=lines, told=told)).decode()
    page = (STATIC / "index.html").read_text()
    page = _STYLE.sub(lambda link: f"<style>\n{(STATIC / link[1]).read_text()}</style>", page)
    page = _ICON.sub(lambda icon: f"{icon[1]}{_data(STATIC / icon[2], icon[4])}{icon[3]}", page)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    page = page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{policy}', 1)
    imports = json.dumps({"imports": dict(_modules())})
    scripts = (
        f'<script type="application/octet-stream" id="packed">{packed}</script>\n'
        f'<script type="importmap">{imports}</script>\n'
        f'<script type="module">import "{PREFIX}{ENTRY}";</script>'
    )
    return _SCRIPT.sub(lambda _: scripts, page).encode()


def _modules() -> Iterator[tuple[str, str]]:
    """Each module's name in the import map and its address."""
    found = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")}
    offline = {f"js/{name.removeprefix(OFFLINE)}": name for name in found if OFFLINE in name}
    for name in sorted(found):
        taken = offline.get(name, name)
        source = _with_names((STATIC / taken).read_text(), posixpath.dirname(taken))
        address = base64.b64encode(source.encode()).decode()
        yield PREFIX + name, f"data:text/javascript;base64,{address}"


def _with_names(source: str, folder: str) -> str:
    """A module whose relative imports are names of the import map."""

    def named(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, found[2]))
        return f'{found[1]}"{PREFIX}{path}"'

    return _IMPORT.sub(named, source)


def _data(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
