"""Every key that the help overlay names, pressed on each kind of screen."""

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect
from viewing import Viewer

from karn import FileOutput

Serve = Callable[..., Viewer]

DIALOG = """[...document.querySelectorAll('dialog[open]')]
    .map(one => one.ariaLabel ?? one.querySelector('h2').textContent).join()"""
RUN = "document.querySelector('.run-name').textContent"
ORDER = "[...document.querySelectorAll('.card')].slice(0, 4).map(card => card.dataset.chart)"
SIZES = """[...document.querySelectorAll('.card')].slice(0, 4)
    .map(card => [card.offsetWidth, card.offsetHeight])"""
MOMENT = "new URLSearchParams(location.hash.slice(1)).get('at')"
SPEED = "document.querySelector('select[aria-label=Speed]').value"
PIECE = "document.querySelector('.piece').textContent"
LAID = "document.querySelector('.runs-foot').textContent"
LIVE = "document.querySelector('.live').ariaPressed"
X_AXIS = "document.querySelector('#controls select').value"
SMOOTHING = "document.querySelector('#controls output').textContent"
FOLDED = "document.querySelector('#folded').ariaExpanded"


def pressed(button: str) -> str:
    """Whether a button of this name is down."""
    buttons = "[...document.querySelectorAll('button')]"
    return f"{buttons}.find(one => one.textContent === '{button}').ariaPressed"


def there(selector: str) -> str:
    """Whether anything of this kind is to be seen."""
    return f"[...document.querySelectorAll('{selector}')].some(one => one.checkVisibility())"


class Deed(NamedTuple):
    """What a key does to what the user sees: to these words, or to any others than before."""

    sees: str
    becomes: object = ...
    first: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    needs: str = ""


DEEDS = {
    "?": Deed(DIALOG, "Keys", then=("Esc",)),
    "Ctrl K": Deed(DIALOG, "Everything by name", then=("Esc",)),
    "/": Deed("document.activeElement.type", "search", then=("Enter",)),
    "j": Deed(RUN, then=("again",), needs="runs"),
    "k": Deed(RUN, then=("again",), needs="runs"),
    "c": Deed(LAID, "2 laid over each otherjoinnone", then=("c",), needs="runs"),
    "u": Deed(LAID, first=("c",), then=("u", "again"), needs="runs"),
    ".": Deed(PIECE, then=(".",), needs="pieces"),
    "space": Deed("document.querySelector('.play').ariaLabel", "Pause", then=("space", "l")),
    "←": Deed(LIVE, "false", then=("l",)),
    "→": Deed(MOMENT, first=("←",), then=("l",)),
    "n": Deed(MOMENT, first=("p", "p"), then=("l",), needs="alerts"),
    "p": Deed(LIVE, "false", then=("l",), needs="alerts"),
    "<": Deed(SPEED, "4", then=(">",)),
    ">": Deed(SPEED, "30", then=("<",)),
    "l": Deed(LIVE, "true", first=("←",)),
    "x": Deed(X_AXIS, "wall", then=("x", "x")),
    "s": Deed(SMOOTHING, "0.60", then=("s", "s", "s")),
    "g": Deed(pressed("log x"), "true", then=("g",)),
    "y": Deed(pressed("log y"), "true", then=("y",)),
    "i": Deed(pressed("apart"), "true", then=("i",)),
    "q": Deed(FOLDED, "true", then=("q",), needs="many"),
    "o": Deed(there(".badge.warn"), False, then=("o",), needs="outliers"),
    "0": Deed(there('[title$="(0)"]'), False, first=("zoom",)),
    "b": Deed(ORDER, then=("r",)),
    "w": Deed(SIZES, then=("r",)),
    "+": Deed(DIALOG, "Everything by name", then=("Esc",)),
    "h": Deed(ORDER, then=("again",)),
    "f": Deed(there(".card.full"), True, then=("f",)),
    "[": Deed(ORDER, then=("r",)),
    "]": Deed(ORDER, then=("r",)),
    "⇧ ←": Deed(SIZES, first=("first chart", "⇧ →"), then=("r", "again"), needs="columns"),
    "⇧ →": Deed(SIZES, then=("r",), needs="columns"),
    "⇧ ↑": Deed(SIZES, first=("first chart", "⇧ ↓"), then=("r", "again")),
    "⇧ ↓": Deed(SIZES, then=("r",)),
    "r": Deed(ORDER, first=("b",)),
    "v": Deed(there("#table"), True, then=("v",)),
    "-": Deed(pressed("difference"), "true", first=("c",), then=("-", "c"), needs="runs"),
    "m": Deed(there("#karn .more"), True, then=("m",), needs="panels"),
    "a": Deed(DIALOG, re.compile("^Alerts of "), then=("Esc",)),
    "d": Deed(DIALOG, "Take away", then=("Esc",)),
    "e": Deed(there("#log"), then=("e",)),
    "t": Deed("getComputedStyle(document.body).backgroundColor", then=("t",)),
    "Esc": Deed(there("#log"), False, first=("e",), then=("again",)),
}
NAMES = {
    "space": " ",
    "Esc": "Escape",
    "Ctrl K": "Control+k",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    **{
        f"⇧ {arrow}": f"Shift+Arrow{name}"
        for arrow, name in zip("←→↑↓", ("Left", "Right", "Up", "Down"), strict=True)
    },
}
STILL_S = 0.3
TWO_FRAMES = "() => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(then)))"


class Screen(NamedTuple):
    """A page with something on it, and what there is to it."""

    page: Page
    eventually: Callable[..., None]
    address: str
    has: frozenset[str]
    log: bool = False

    def begin(self) -> None:
        """The screen as it is at first; the pointer rests on the second chart."""
        self.page.goto("about:blank")
        self.page.goto(self.address)
        expect(self.page.locator(".card .legend b").first).not_to_have_text("—")
        expect(self.page.get_by_role("slider", name="Moment of the run")).to_be_visible()
        expect(self.page.locator("#log")).to_be_visible(visible=self.log)
        self.page.locator(".card").nth(1).scroll_into_view_if_needed()
        self.page.locator(".card h2").nth(1).hover()

    def rest(self) -> None:
        """Waits until the address has caught up: it follows once the view stands still."""
        seen, since = self.page.url, time.monotonic()

        def still() -> bool:
            nonlocal seen, since
            if self.page.url != seen:
                seen, since = self.page.url, time.monotonic()
            return time.monotonic() - since > STILL_S

        self.eventually(still)

    def press(self, step: str) -> None:
        """A key by the name that the help gives it, or what a person does otherwise."""
        if step == "again":
            return self.begin()
        if step == "first chart":
            self.page.locator(".card h2").first.hover()
        elif step == "zoom":
            self.page.evaluate("location.hash += '&zoom=3~6'")
        else:
            if self.log and not self.page.locator("dialog[open]").count():
                self.page.locator(".lines").evaluate("node => node.focus()")
            self.page.keyboard.press(NAMES.get(step, step))
        self.page.evaluate(TWO_FRAMES)


def named_in_the_help(page: Page) -> list[str]:
    """Every single key of the overlay, in its order."""
    shown = page.locator("dialog.help kbd").all_text_contents()
    return [key for words in shown for key in apart(words)]


def apart(words: str) -> list[str]:
    if words.startswith("⇧ "):
        return [f"⇧ {arrow}" for arrow in words.split()[1:]]
    return words.split("  ")


def press_all(screen: Screen, *, but: tuple[str, ...] = ()) -> None:
    """Presses every key of the help; one that the screen has nothing for changes nothing."""
    screen.begin()
    keys = named_in_the_help(screen.page)
    assert sorted(keys) == sorted(DEEDS)
    for key in keys:
        deed = DEEDS[key]
        if key in but:
            continue
        if not deed.needs or deed.needs in screen.has:
            press(screen, key, deed)
        else:
            press_in_vain(screen, key, deed)


def press(screen: Screen, key: str, deed: Deed) -> None:
    for step in deed.first:
        screen.press(step)
    if deed.sees == MOMENT:
        screen.eventually(lambda: screen.page.evaluate(MOMENT))
        screen.rest()
    before = screen.page.evaluate(deed.sees)
    screen.press(key)

    def fits() -> bool:
        seen = screen.page.evaluate(deed.sees)
        if isinstance(deed.becomes, re.Pattern):
            return bool(deed.becomes.match(seen or ""))
        return bool(seen != before if deed.becomes is ... else seen == deed.becomes)

    try:
        screen.eventually(fits)
    except AssertionError as problem:
        raise AssertionError(f"{key} leaves {before} as it was") from problem
    for step in deed.then:
        screen.press(step)


def press_in_vain(screen: Screen, key: str, deed: Deed) -> None:
    screen.rest()
    seen = f"[{deed.sees}, location.hash]"
    before = screen.page.evaluate(seen)
    screen.press(key)
    screen.rest()
    assert (key, screen.page.evaluate(seen)) == (key, before)


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Path]:
    """A run that is written to until the test ends."""
    path, done = tmp_path / "growing.jsonl", threading.Event()

    def train() -> None:
        with FileOutput(path) as run:
            for step in range(100_000):
                run.log(dict.fromkeys(("loss", "accuracy", "rate"), step % 7), step=step)
                if step > 50 and done.wait(0.1):
                    return

    thread = threading.Thread(target=train)
    thread.start()
    yield path
    done.set()
    thread.join()


def test_on_a_run_that_has_ended(
    serve: Serve, page: Page, sample_runs: Path, eventually: Callable[..., None]
) -> None:
    viewer = serve(sample_runs / "finished.jsonl")
    has = frozenset({"many", "panels", "columns"})
    press_all(Screen(page, eventually, f"{viewer.url}#x=step", has), but=("o",))


def test_on_a_run_that_lives(
    serve: Serve, page: Page, growing: Path, eventually: Callable[..., None]
) -> None:
    address = f"{serve(growing).url}#x=step"
    press_all(Screen(page, eventually, address, frozenset({"columns"})), but=("o",))


@pytest.fixture
def several(serve: Serve, sample_runs: Path, tmp_path: Path) -> str:
    """The address of a list of runs, of which a training in two pieces is chosen."""
    shutil.copy(sample_runs / "finished.jsonl", tmp_path / "a.jsonl")
    lines = (sample_runs / "diverged.jsonl").read_text().splitlines(keepends=True)
    half = len(lines) // 2
    (tmp_path / "b.jsonl").write_text("".join(lines[:half]))
    (tmp_path / "c.jsonl").write_text("".join(lines[half:]))
    shutil.copy(sample_runs / "killed.jsonl", tmp_path / "d.jsonl")
    viewer = serve(tmp_path)
    ids = {run["name"]: run["id"] for run in viewer.get("api/runs")["runs"]}
    return f"{viewer.url}#run={ids['c']}&join={ids['b']}+{ids['c']}"


LISTED = frozenset({"runs", "pieces", "panels", "many", "alerts", "outliers", "columns"})


def test_on_a_list_of_runs(page: Page, several: str, eventually: Callable[..., None]) -> None:
    press_all(Screen(page, eventually, several, LISTED))


def test_with_the_focus_in_the_log(
    page: Page, several: str, eventually: Callable[..., None]
) -> None:
    """Up and down walk through its lines there."""
    page.set_viewport_size({"width": 1600, "height": 900})
    screen = Screen(page, eventually, f"{several}&log=1", LISTED, log=True)
    press_all(screen, but=("⇧ ↑", "⇧ ↓"))
    screen.press("⇧ ↑")
    expect(page.locator(".raw pre")).to_be_visible()


def test_on_a_phone(page: Page, several: str, eventually: Callable[..., None]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    press_all(Screen(page, eventually, several, LISTED - {"columns"}))


@pytest.mark.parametrize("opening", ["?", "a", "d", "Ctrl K"])
def test_while_a_dialog_is_open(
    page: Page, several: str, opening: str, eventually: Callable[..., None]
) -> None:
    """They leave the page behind it as it is, but for Esc."""
    screen = Screen(page, eventually, several, LISTED)
    screen.begin()
    keys = named_in_the_help(page)
    screen.press(opening)
    screen.rest()
    address = page.url
    for key in keys:
        if key not in ("space", "Ctrl K", "Esc"):
            screen.press(key)
            assert page.locator("dialog[open]").count() == 1, key
    screen.rest()
    assert page.url == address
    screen.press("Esc")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_first_key_after_a_dialog_is_heard(serve: Serve, page: Page, sample_runs: Path) -> None:
    """A field that has gone keeps the focus until the next frame."""
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card .legend b").first).not_to_have_text("—")
    for on in [True, False] * 5:
        page.keyboard.press("Control+k")
        page.keyboard.press("Escape")
        page.keyboard.press("y")
        expect(page.get_by_role("button", name="log y")).to_have_attribute(
            "aria-pressed", str(on).lower()
        )


def test_what_a_pointer_chose_leaves_the_keys_alone(
    serve: Serve, page: Page, sample_runs: Path
) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.get_by_role("slider", name="Moment of the run")).to_be_visible()
    page.get_by_role("button", name="apart").click()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="apart")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press(" ")
    by = page.get_by_label("Step by")
    by.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(by).to_have_value("line")
    page.keyboard.press("ArrowRight")
    expect(by).to_have_value("line")
    page.get_by_label("x", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#controls output")).to_have_text("0.01")


def test_enter_and_escape_leave_a_search_field(serve: Serve, page: Page, sample_runs: Path) -> None:
    page.goto(serve(sample_runs / "finished.jsonl").url)
    expect(page.locator(".card .legend b").first).not_to_have_text("—")
    field = page.get_by_label("Filter charts by regular expression")
    log = page.get_by_role("complementary", name="Event log")
    page.keyboard.press("/")
    page.keyboard.type("loss")
    page.keyboard.press("Enter")
    expect(field).to_have_value("loss")
    page.keyboard.press("e")
    expect(log).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    page.keyboard.press("e")
    expect(log).to_be_hidden()
