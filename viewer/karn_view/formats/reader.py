"""Lines to rows, whatever wrote them. Pure."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from msgspec.structs import replace

from karn_view.formats.ahead import Ahead, Block
from karn_view.formats.axis import Chooser
from karn_view.formats.bulk import Bulk
from karn_view.formats.counts import Counts
from karn_view.formats.course import NOWHERE
from karn_view.formats.document import Document, history_of, opens_document
from karn_view.formats.envelope import WRAPPING, Envelopes, Letter
from karn_view.formats.foreign import ForeignDialect, Meaning
from karn_view.formats.karn import KarnDialect, is_karn
from karn_view.formats.karn.event import Envelope, Event, envelope_in
from karn_view.formats.karn.ways import place_of, walls_of, ways_of
from karn_view.formats.origin import Origin
from karn_view.formats.otlp import is_otlp
from karn_view.formats.place import Place
from karn_view.formats.points import Points
from karn_view.formats.rows import Axis, Batch, Kind, Overrides, Progress, Row, Sheet
from karn_view.formats.taker import Form
from karn_view.formats.text import PART, Indices
from karn_view.formats.track import Revision, Track
from karn_view.formats.words import severity_in
from karn_view.lines import LF, Line, split
from karn_view.record import Fault, Record, decode, decode_list

_FEW = 16  # so few lines are not worth columns
_SHORT = 16 << 10  # nor are so few bytes


class Reader:
    """Reads the lines of one generation, in order, in any portions: the rows are the same.

    A row's x may be revised while the file's first thousand records are read; the batch that
    revises says so.

    Attributes:
        counts: The lines so far, by kind.
    """

    def __init__(self, overrides: Overrides = Overrides()) -> None:  # noqa: B008  immutable
        self.counts = Counts()
        self._envelopes = Envelopes()
        self._document: Document | None = None
        self._karn = KarnDialect()
        self._foreign = ForeignDialect(overrides)
        self._origin = Origin()
        self._chooser = Chooser(overrides.x)
        self._track = Track(self._chooser)
        self._bulk = Bulk(self._foreign)
        self._is_in_bulk = False
        self._rows = 0
        self._fresh: list[Row] = []
        self._is_karn = False
        self._has_records = False

    def read(self, lines: Iterable[Line | Fault]) -> Batch:
        """The rows of the next lines: one a line, but for blank lines and JSON documents."""
        sheets: list[Sheet] = []
        left = iter(lines)
        for line in left:
            self._read(line)
            if self._may_hurry:
                sheets = self._read_rest(list(left))
        return self._batch(sheets)

    def take_over(self, block: Block, ahead: Ahead | None) -> Batch:
        """The rows of a block, as `read` gives them.

        Args:
            block: The next lines.
            ahead: What another has read of them with this reader's forms, if one has.
        """
        if len(block.data) < _SHORT or not self.may_take_over:
            return self.read(split(block.data, block.offset))
        if ahead is None or ahead.era != self._bulk.era:
            return self._batch(self._read_in_bulk(block))
        self._is_in_bulk = True
        self._bulk.take_over(block, ahead, self._look)
        return self._batch(self._finish())

    @property
    def may_take_over(self) -> bool:
        """Whether blocks that were read ahead are of use at this place."""
        is_of_use = self._may_hurry and not self._is_karn
        return is_of_use and self._document is None and bool(self._bulk.forms)

    @property
    def forms(self) -> tuple[int, list[Form]]:
        """The forms of lines by their numbers, and the era that these numbers are of."""
        return self._bulk.era, self._bulk.forms

    def _batch(self, sheets: list[Sheet]) -> Batch:
        rows, self._fresh = self._fresh, []
        batch = Batch(rows, [], None, sheets)
        before, self._rows = self._rows, self._rows + batch.size
        revision = self._track.take_revision()
        marks = self._track.take_marks()
        if revision is None:
            return batch._replace(marks=marks)
        rows = _revised(rows, before, revision)
        return Batch(rows, marks, list(revision.x[:before]), sheets)

    @property
    def _may_hurry(self) -> bool:
        """Whether nothing is to be learned from single rows any more."""
        return self._track.is_settled and (self._is_karn or not self._origin.is_looking)

    def _read_rest(self, found: list[Line | Fault]) -> list[Sheet]:
        """Reads the rest of a batch, of which one line at least was read."""
        if self._is_karn and len(found) >= _FEW:
            self._read_events(found)
            return []
        lines = None if self._is_karn else _lines(found)
        if lines is None:
            for line in found:
                self._read(line)
            return []
        first = len(self._fresh)
        sheets = self._read_in_bulk(
            Block(lines[0].offset, b"".join([line.data + LF for line in lines]))
        )
        moved = _moved(lines)
        if moved is None:
            return sheets
        begins, offsets = moved
        self._fresh[first:] = [
            replace(row, offset=int(offsets[np.searchsorted(begins, row.offset)]))
            for row in self._fresh[first:]
        ]
        return [
            sheet._replace(offsets=offsets[np.searchsorted(begins, sheet.offsets)])
            for sheet in sheets
        ]

    def _read_in_bulk(self, block: Block) -> list[Sheet]:
        self._is_in_bulk = True
        self._bulk.read(block, self._look, must_look=self._document is not None)
        return self._finish()

    def _finish(self) -> list[Sheet]:
        """The sheets of lines that were read in bulk, after some others of the batch."""
        self._is_in_bulk = False
        before = len(self._fresh)
        taken, rows, sheets = self._bulk.finish(self._rows + before, self._track)
        self.counts.lines += taken
        self.counts.records += taken
        self._fresh += rows
        return [sheet._replace(at=sheet.at + before) for sheet in sheets]

    def _look(self, line: Line) -> bool:
        """Reads a line; true when the next one belongs to the same document."""
        self._read(line)
        return self._document is not None

    def _read(self, line: Line | Fault) -> None:
        self.counts.lines += 1
        if isinstance(line, Fault):
            self._fault(line)
        elif self._document is not None:
            self._read_document(self._document, line)
        else:
            self._read_line(line, may_open=True)

    def _read_line(self, line: Line, *, may_open: bool) -> None:
        found = decode(line)
        if type(found) is dict:
            self.counts.records += 1
            self._read_object(line.offset, found)
        elif may_open and opens_document(line):
            self._document = Document()
            self._read_document(self._document, line)
        elif isinstance(found, Fault):
            self._fault(found)
        elif isinstance(found, str):
            self._read_text(line, found)
        else:
            self.counts.blank += 1

    def _read_object(self, offset: int, record: Record) -> None:
        """A line that is an object: a record, an envelope around one, or a whole document."""
        is_wrapper = "event_type" not in record and not record.keys().isdisjoint(WRAPPING)
        if is_wrapper and (letter := self._envelopes.open_object(record)):
            self._read_letter(offset, letter)
        elif not self._has_records and (history := history_of(record)):
            for entry in history:
                self._read_record(offset, entry)
            rest = {key: value for key, value in record.items() if value is not history}
            self._read_record(offset, rest, kind="config")
        else:
            self._read_record(offset, record)

    def _read_text(self, line: Line, text: str) -> None:
        if self._is_karn:
            self._fault(Fault(line.offset, "not a JSON object", len(line.data)))
        elif records := decode_list(text):
            self.counts.records += 1
            for record in records:
                self._read_record(line.offset, record)
        else:
            letter = self._envelopes.open_text(text)
            is_text = isinstance(letter.content, str)
            self.counts.text += is_text
            self.counts.records += not is_text
            self._read_letter(line.offset, letter)

    def _read_document(self, document: Document, line: Line) -> None:
        """A line of an indented document, or of what turned out to be none."""
        entries = document.add(line)
        self.counts.records += len(entries) > 0
        self.counts.within += not entries
        for entry in entries:
            kind: Kind | None = "config" if entry.is_rest and document.entries else None
            self._read_record(entry.offset, entry.record, kind=kind)
        if not document.is_open:
            self._document = None
            self._origin.note_document(document)
            self.counts.within -= len(document.pending)
            for pending in document.pending:
                self._read_line(pending, may_open=False)

    def _read_letter(self, offset: int, letter: Letter) -> None:
        if isinstance(letter.content, str):
            self._text(offset, letter.wall, letter.content)
        else:
            self._read_record(offset, letter.content, letter.wall, letter.tag)

    def _read_record(
        self,
        offset: int,
        record: Record,
        wall: float = math.nan,
        tag: str = "",
        kind: Kind | None = None,
    ) -> None:
        self._has_records = True
        if "event_type" in record and is_karn(record):
            self._event(offset, record)
        elif is_otlp(record) and (said := [*self._foreign.exported(record)]):
            for meaning in said:
                self._origin.note(meaning, record)
                self._add(offset, meaning)
        else:
            meaning = self._foreign.understand(record, wall, tag, kind)
            if self._origin.is_looking:
                self._origin.note(meaning, record)
            if self._is_in_bulk and math.isnan(wall) and not tag and kind is None:
                self._bulk.learn(record, meaning)
            self._add(offset, meaning)

    def _event(self, offset: int, record: Record) -> None:
        self._is_karn = True
        said = self._karn.understand(record, offset)
        if said.x == said.x:
            self._chooser.declare(said.axis)
        place = place_of(said)
        meaning = Meaning(said.kind, said.type, said.event.severity, said.points, place)
        self._add(offset, meaning, said.event)

    def _read_events(self, lines: list[Line | Fault]) -> None:
        """Reads the rest of a batch, once what Karn's events count is settled."""
        together: list[tuple[Envelope, int]] = []
        for line in lines:
            envelope = None
            if isinstance(line, Line) and self._document is None:
                envelope = envelope_in(line.data)
            if envelope is not None:
                together.append((envelope, line.offset))
                if len(together) < PART:
                    continue
            self._add_events(together)
            together = []
            if envelope is None:
                self._read(line)
        self._add_events(together)

    def _add_events(self, together: list[tuple[Envelope, int]]) -> None:
        """Adds events that follow each other."""
        if not together:
            return
        walls = walls_of([envelope.timestamp for envelope, _ in together])
        said = [
            self._karn.open(envelope, offset, wall)
            for (envelope, offset), wall in zip(together, walls, strict=True)
        ]
        before = self._rows + len(self._fresh)
        x = self._track.add_all(ways_of(self._track.choice, said, before)).tolist()
        self._fresh += [
            Row(
                *(one.event.offset, one.kind, one.type, one.event.severity, one.event.wall),
                *(at, True, one.points, one.event, ""),
            )
            for one, at in zip(said, x, strict=True)
        ]
        self.counts.lines += len(said)
        self.counts.records += len(said)

    def _add(
        self, offset: int, meaning: Meaning, event: Event | None = None, text: str = ""
    ) -> None:
        place = meaning.place
        step = NOWHERE if self._is_in_bulk else self._track.add(place)
        row = Row(
            offset,
            meaning.kind,
            meaning.type,
            meaning.severity,
            place.wall,
            step.x,
            step.own_x,
            meaning.points,
            event,
            text,
        )
        if self._is_in_bulk:
            self._bulk.note(row, place)
        else:
            self._fresh.append(row)

    def _fault(self, fault: Fault) -> None:
        self.counts.faults += 1
        meaning = Meaning("fault", "fault", "", Points(), Place())
        self._add(fault.offset, meaning, text=fault.reason)

    def _text(self, offset: int, wall: float, text: str) -> None:
        self._origin.note_text()
        place = Place(wall=wall)
        meaning = Meaning("text", "text", severity_in(text), Points(), place)
        self._add(offset, meaning, text=text)

    @property
    def axis(self) -> Axis:
        """What x means so far, and why."""
        return self._track.axis

    @property
    def adds_up(self) -> bool:
        """Whether x adds up over episodes, so that some of the lines do not tell it."""
        return self._is_karn and self._karn.adds_up

    @property
    def positions(self) -> set[str]:
        """Metrics that can be the axis."""
        return self._chooser.positions

    @property
    def is_karn(self) -> bool:
        """Whether an event in Karn's envelope was read."""
        return self._is_karn

    @property
    def format(self) -> str:
        """What wrote the file, as far as its records tell."""
        return "Karn telemetry" if self._is_karn else self._origin.name

    @property
    def format_reason(self) -> str:
        """By which sign it was recognised."""
        return "events in Karn's envelope" if self._is_karn else self._origin.reason

    @property
    def clocks(self) -> list[str]:
        """The keys that hold wall time."""
        return ["timestamp"] if self._is_karn else self._foreign.space.clocks

    @property
    def config(self) -> dict[str, Any]:
        """The run's settings, as far as its records tell them."""
        return {**self._foreign.config, **self._karn.config}

    @property
    def progress(self) -> Progress | None:
        """How far the run has come, by its own account."""
        if self._karn.total is not None and not math.isnan(self._karn.position):
            return Progress(self._karn.position, self._karn.total, "epoch")
        return self._foreign.progress

    @property
    def units(self) -> dict[str, str]:
        """Units of the metrics that were written with one."""
        return self._foreign.space.units

    @property
    def summaries(self) -> set[str]:
        """Metrics that were told as a summary only, not as a course."""
        return self._foreign.summaries

    @property
    def notes(self) -> list[str]:
        """What else a user should be told about how the file was read."""
        return self._foreign.notes


def _lines(found: list[Line | Fault]) -> list[Line] | None:
    """The lines; None where they are few, or something else is among them."""
    lines = [line for line in found if type(line) is Line]
    return None if len(lines) < max(len(found), _FEW) else lines


def _moved(lines: list[Line]) -> tuple[Indices, Indices] | None:
    """Where lines begin in one piece with the first, and in their file; None for the same.

    Samples of a file have gaps between them.
    """
    last = lines[-1].offset + len(lines[-1].data)
    ends = np.cumsum([len(line.data) + 1 for line in lines])
    if lines[0].offset + int(ends[-1]) == last + 1:
        return None
    begins = lines[0].offset + np.append(0, ends[:-1])
    return begins, np.array([line.offset for line in lines])


def _revised(rows: list[Row], before: int, revision: Revision) -> list[Row]:
    """The rows with the x of the axis as it is now."""
    placed = zip(revision.x[before:], revision.own_x[before:], strict=True)
    changed = [replace(row, x=x, own_x=bool(own)) for row, (x, own) in zip(rows, placed)]  # noqa: B905
    return changed + rows[len(changed) :]
