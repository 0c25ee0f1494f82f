"""One JSON document spread over many lines, read as it comes. Pure.

``trainer_state.json`` is the best known: its ``log_history`` is a list of records. Each object in
a list at the first level is an entry, given out as soon as it is closed; what is left of the
document is given out at its end.
"""

import re
from typing import NamedTuple

from karn_view.lines import Line
from karn_view.record import Record, decode_text

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')
_PLAUSIBLE = re.compile(r'\s*(?:["{}\[\]\-\d,:]|true|false|null|NaN|Infinity|$)')
_OPENING = (b"{", b"[")
_LARGEST = 16 * 1024 * 1024

HISTORY = "log_history"


class Entry(NamedTuple):
    """A record of the document; the rest of the document is the last and has no more entries."""

    offset: int
    record: Record
    is_rest: bool


def opens_document(line: Line) -> bool:
    """Whether the line is the first of an indented document: a bracket and nothing more."""
    return line.data.strip() in _OPENING


class Document:
    """Takes lines until the first bracket is closed.

    Attributes:
        pending: The lines since the last entry, to be read otherwise should `is_wrong` become true.
        entries: How many entries were given out.
    """

    def __init__(self) -> None:
        self.pending: list[Line] = []
        self.entries = 0
        self.is_wrong = False
        self._brackets: list[str] = []
        self._kept: list[str] = []  # the document with each entry replaced by null
        self._entry: list[str] = []
        self._entry_depth = 0
        self._size = 0

    @property
    def is_open(self) -> bool:
        """Whether it goes on with the next line."""
        return bool(self._brackets or not self._kept) and not self.is_wrong

    def add(self, line: Line) -> list[Entry]:
        """The entries that this line closes."""
        text = line.data.decode("utf-8", "replace")
        self.pending.append(line)
        self._size += len(text)
        if not _PLAUSIBLE.match(text) or self._size > _LARGEST or self._is_object_in_object(text):
            self.is_wrong = True
            return []
        found = [Entry(line.offset, record, False) for record in self._scan(text)]
        if not self._brackets:
            found += self._rest(line.offset)
        if found:
            self.pending, self._size = [], 0
        return found

    def _is_object_in_object(self, text: str) -> bool:
        return self._brackets[-1:] == ["{"] and text.lstrip().startswith("{")

    def _scan(self, text: str) -> list[Record]:
        """Follows the brackets of one line; returns the entries it completes."""
        records, at = [], 0
        for token in _TOKEN.finditer(text):
            if token[0] in "{[":
                at = self._open(token[0], text, at, token.start())
            elif token[0] in "}]" and self._close():
                self._entry.append(text[at : token.end()])
                records += self._take_entry()
                at = token.end()
        (self._entry if self._entry_depth else self._kept).append(text[at:] + "\n")
        return records

    def _open(self, bracket: str, text: str, at: int, here: int) -> int:
        """Notes an opening bracket; returns where the text not yet kept begins."""
        is_entry = (
            bracket == "{" and not self._entry_depth and self._brackets in (["["], ["{", "["])
        )
        self._brackets.append(bracket)
        if not is_entry:
            return at
        self._kept.append(text[at:here] + "null")
        self._entry_depth = len(self._brackets)
        return here

    def _close(self) -> bool:
        """Notes a closing bracket; true when it closes an entry."""
        is_entry = self._entry_depth > 0 and len(self._brackets) == self._entry_depth
        if self._brackets:
            self._brackets.pop()
        return is_entry

    def _take_entry(self) -> list[Record]:
        record = decode_text("".join(self._entry))
        self._entry, self._entry_depth = [], 0
        self.entries += record is not None
        return [record] if record is not None else []

    def _rest(self, offset: int) -> list[Entry]:
        record = decode_text("".join(self._kept))
        if record is None:
            return []
        return [Entry(offset, without_history(record), True)]


def without_history(record: Record) -> Record:
    """The document without the lists its entries stood in."""
    return {key: value for key, value in record.items() if not _is_emptied(value)}


def _is_emptied(value: object) -> bool:
    return type(value) is list and len(value) > 0 and all(item is None for item in value)


def history_of(record: Record) -> list[Record]:
    """The entries of a document that stands on one line; empty for any other record."""
    history = record.get(HISTORY)
    if type(history) is not list or not history:
        return []
    return history if all(type(entry) is dict for entry in history) else []
