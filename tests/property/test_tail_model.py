"""A tail agrees with a small model of it under any history of its file.

Real files are appended to, torn, cut, rewritten, rotated, replaced and deleted; the tail looks at
moments of the history's choosing, is killed and started again. The model knows whole contents and
no more: neither descriptors nor blocks nor evidence.
"""

import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule
from karn_view.tail import Bookmark, Committed, Limits, NewGeneration, Skipped, Tail

HISTORIES = 20_000 if settings.get_current_profile_name() == "deep" else 400
LIMITS = Limits(line_bytes=400, block_bytes=64, spool_bytes=2_000, drain_s=5.0)

Piece = tuple[int, bytes | int]
"""A line with its offset, or how many bytes were skipped there."""


def pieces(content: bytes) -> list[Piece]:
    """What a tail should make of the committed part of a file."""
    found: list[Piece] = []
    for line in re.finditer(rb"(\0*)([^\n]*\n)", content):
        if line[1]:
            found.append((line.start(1), len(line[1])))
        found.append(
            (line.start(2), line[2] if len(line[2]) <= LIMITS.line_bytes else len(line[2]))
        )
    return found


def flat(items: list[Committed | Skipped]) -> list[Piece]:
    """What a tail did make of it, whatever the chunks it came in."""
    found: list[Piece] = []
    for item in items:
        if isinstance(item, Skipped):
            found.append((item.offset, item.length))
            continue
        assert item.data.endswith(b"\n")
        offset = item.offset
        for line in re.findall(rb"[^\n]*\n", item.data):
            found.append((offset, line))
            offset += len(line)
    return found


def committed(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


@dataclass(eq=False)
class Inode:
    """A file, whatever its name; a writer keeps it open for ever."""

    path: Path
    torn_rest: bytes = b""

    def __post_init__(self) -> None:
        self._file = self.path.open("a+b", buffering=0)

    @property
    def content(self) -> bytes:
        self._file.seek(0)
        return self._file.read()

    def append(self, data: bytes) -> None:
        self._file.write(data)

    def cut(self, size: int) -> None:
        self._file.truncate(size)
        self.torn_rest = b""

    def overwrite(self, data: bytes) -> None:
        with open(f"/proc/self/fd/{self._file.fileno()}", "r+b") as file:
            file.write(data)

    def is_at(self, path: Path) -> bool:
        return os.path.samestat(os.fstat(self._file.fileno()), path.stat())

    def close(self) -> None:
        self._file.close()


@dataclass
class Life:
    """A generation in the model: a file, and what was consumed of it."""

    inode: Inode | None
    consumed: bytes = b""
    until: float | None = None

    def continues(self) -> bool:
        return self.inode is not None and self.inode.content.startswith(self.consumed)

    def look(self) -> None:
        if self.inode is not None:
            self.consumed = committed(self.inode.content)


@dataclass
class Model:
    """The rules of following a path, in terms of whole contents."""

    current: Life = field(default_factory=lambda: Life(None))
    older: list[Life] = field(default_factory=list)

    def poll(self, named: Inode | None, now: float) -> None:
        for life in self.older:
            self.read_on(life, now)
        if named is not self.current.inode or named is None:
            self.read_on(self.current, now)
        if named is None:
            self.current.until = self.current.until or now + LIMITS.drain_s
            return
        self.turn_to(named, now)
        self.look()

    def read_on(self, life: Life, now: float) -> None:
        if life is self.current and life.inode:
            life = self.look()
        elif life.continues():
            life.look()
        else:
            life.inode = None
        if life.until is not None and now >= life.until:
            life.inode = None

    def look(self) -> Life:
        if not self.current.continues():
            self.begin(self.current.inode, self.current.until)
        self.current.look()
        return self.current

    def begin(self, inode: Inode | None, until: float | None = None) -> None:
        if self.current.inode is inode:
            self.current.inode = None
        self.older.append(self.current)
        self.current = Life(inode, until=until)

    def turn_to(self, named: Inode, now: float) -> None:
        life = self.current
        if life.inode is not named:
            known = life.consumed or life.inode is None
            if known and named.content.startswith(life.consumed):
                life.inode = named
            else:
                life.until = life.until or now + LIMITS.drain_s
                for older in self.older:
                    older.inode = None if older.inode is named else older.inode
                self.begin(named)
        self.current.until = None

    def lives(self) -> list[bytes]:
        return [life.consumed for life in (*self.older, self.current) if life.consumed]


class TailAgreesWithItsModel(RuleBasedStateMachine):
    """Actions on the file system, and looks at it."""

    cursors = Bundle("cursors")
    bookmarks = Bundle("bookmarks")

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "run.jsonl"
        self.named: Inode | None = None
        self.inodes: list[Inode] = []
        self.count = 0
        self.now = 0.0
        self.restart()

    def restart(self) -> None:
        self.tail = Tail(self.path, limits=LIMITS, clock=lambda: self.now)
        self.model = Model()
        self.seen: dict[str, list[Committed | Skipped]] = defaultdict(list)
        self.announced: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.tail.close()
            for inode in self.inodes:
                inode.close()
            self.folder.cleanup()

    # ---- what a writer does ----------------------------------------------------------------

    def line(self, filler: int) -> bytes:
        """A line like no other, by its beginning and by its end."""
        self.count += 1
        return b"%d %s %d\n" % (self.count, b"x" * filler, self.count)

    def lines(self, fillers: list[int]) -> bytes:
        return b"".join(self.line(filler) for filler in fillers)

    def file(self, name: str, content: bytes) -> Inode:
        inode = Inode(self.path.with_name(name))
        inode.append(content)
        self.inodes.append(inode)
        return inode

    fillers = st.lists(st.sampled_from([0, 3, 30, 70, 200, 500]), max_size=4)
    any_inode = st.runner().flatmap(lambda machine: st.sampled_from(machine.inodes))

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode, fillers=fillers, ending=st.sampled_from([b"", b"\r\n", b"\n"]))
    def append_whole(self, inode: Inode, fillers: list[int], ending: bytes) -> None:
        inode.append(inode.torn_rest + ending + self.lines(fillers))
        inode.torn_rest = b""

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode, filler=st.sampled_from([0, 40, 150, 450]), share=st.floats(0, 1))
    def append_torn(self, inode: Inode, filler: int, share: float) -> None:
        line = inode.torn_rest or self.line(filler)
        at = int(share * (len(line) - 1))
        inode.append(line[:at])
        inode.torn_rest = line[at:]

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode)
    def complete(self, inode: Inode) -> None:
        inode.append(inode.torn_rest)
        inode.torn_rest = b""

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode, length=st.sampled_from([1, 63, 64, 65, 200, 500]))
    def leave_a_hole(self, inode: Inode, length: int) -> None:
        inode.append(bytes(length))

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode, share=st.floats(0, 1))
    def truncate(self, inode: Inode, share: float) -> None:
        inode.cut(int(share * len(inode.content)))

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode, share=st.floats(0, 1), fillers=fillers, same_size=st.booleans())
    def cut_and_regrow(
        self, inode: Inode, share: float, fillers: list[int], same_size: bool
    ) -> None:
        size = len(inode.content)
        inode.cut(int(share * size))
        missing = size - len(inode.content)
        room = missing - len(self.line(0)) - 1
        inode.append(self.line(room) if same_size and room > 0 else self.lines(fillers))

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode)
    def change_the_first_byte(self, inode: Inode) -> None:
        inode.overwrite(b"#" if inode.content[:1] != b"#" else b"!")

    @precondition(lambda self: self.named)
    @rule()
    def rename(self) -> None:
        self.count += 1
        self.path.rename(self.path.with_name(f"run.jsonl.{self.count}"))
        self.named = None

    @precondition(lambda self: self.inodes)
    @rule(inode=any_inode)
    def give_the_name_back(self, inode: Inode) -> None:
        """To a file that lost it, by a hard link put in place, if the file is still anywhere."""
        spare = self.path.with_name("spare")
        spare.unlink(missing_ok=True)
        links = [path for path in self.path.parent.iterdir() if inode.is_at(path)]
        if links:
            spare.hardlink_to(links[0])
            spare.replace(self.path)
            spare.unlink(missing_ok=True)
            self.named = inode

    @precondition(lambda self: self.named)
    @rule()
    def delete(self) -> None:
        self.path.unlink()
        self.named = None

    @precondition(lambda self: not self.named)
    @rule(fillers=fillers)
    def create(self, fillers: list[int]) -> None:
        self.named = self.file(self.path.name, self.lines(fillers))

    @rule(fillers=fillers)
    def replace_atomically(self, fillers: list[int]) -> None:
        self.put_in_place(self.lines(fillers))

    @precondition(lambda self: self.named)
    @rule(fillers=fillers)
    def put_a_longer_copy_in_place(self, fillers: list[int]) -> None:
        assert self.named is not None
        self.put_in_place(self.named.content + self.lines(fillers))

    def put_in_place(self, content: bytes) -> None:
        self.named = self.file("aside", content)
        self.path.with_name("aside").replace(self.path)

    # ---- what the tail does ----------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.5, 3.0, 6.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(target=cursors)
    def look(self) -> list[tuple[str, int]]:
        self.model.poll(self.named, self.now)
        for item in self.poll():
            if isinstance(item, NewGeneration):
                assert item.generation not in self.seen
                self.announced.append(item.generation)
            else:
                self.seen[item.generation].append(item)
        self.agree()
        return [(item.generation, item.offset) for items in self.seen.values() for item in items]

    def poll(self) -> Iterator[Committed | Skipped | NewGeneration]:
        """Looks as often as it takes to notice that a long torn line was rewritten."""
        contents = [inode.content for inode in self.inodes]
        block = LIMITS.block_bytes
        long_torn = [len(text) for text in contents if len(text) - len(committed(text)) >= block]
        for _ in range(1 + max(long_torn, default=0) // block):
            try:
                yield from self.tail.poll()
            except FileNotFoundError:
                assert self.named is None

    def agree(self) -> None:
        told = [flat(items) for items in self.seen.values()]
        assert sorted(told, key=repr) == sorted(map(pieces, self.model.lives()), key=repr)
        expected = pieces(self.model.current.consumed)
        assert flat(self.seen.get(self.tail.generation, [])) == expected
        assert (self.tail.generation == "0") == (not expected)
        assert self.tail.offset == len(self.model.current.consumed)
        if self.named:
            assert self.tail.size == len(self.named.content)

    @rule()
    def kill_and_start_again(self) -> None:
        """A new viewer names the same content alike, so that cursors of the old one fit."""
        self.look()
        old_name, old_consumed = self.tail.generation, self.model.current.consumed
        check = self.tail.check(len(old_consumed))
        self.tail.close()
        self.restart()
        self.look()
        if self.named and old_consumed and self.named.content.startswith(old_consumed):
            assert self.tail.generation == old_name.partition("-")[0]
            assert self.tail.check(len(old_consumed)) == check

    @rule(target=bookmarks)
    def put_a_bookmark(self) -> tuple[Bookmark, bytes, list[Committed | Skipped]] | None:
        self.look()
        bookmark = self.tail.bookmark() if self.named else None
        if bookmark is None:
            return None
        return bookmark, self.model.current.consumed, self.seen[self.tail.generation].copy()

    @rule(put=bookmarks)
    def start_again_from_a_bookmark(
        self, put: tuple[Bookmark, bytes, list[Committed | Skipped]] | None
    ) -> None:
        """Only of a file that begins with what was read, and of any that then grew."""
        if put is None or self.named is None:
            return
        bookmark, consumed, items = put
        self.tail.close()
        self.restart()
        content = self.named.content
        if self.tail.resume(bookmark):
            assert content.startswith(consumed)
            self.model.current = Life(self.named, consumed)
            self.seen[bookmark.generation] = items.copy()
        else:
            assert not content.startswith(consumed) or len(content) <= bookmark.stamp[0]
        self.look()

    @rule(cursors=cursors, limit=st.sampled_from([1, 100, 10_000]), data=st.data())
    def read_again(self, cursors: list[tuple[str, int]], limit: int, data: st.DataObject) -> None:
        """From any cursor the rest of its generation comes, or nothing; never anything else."""
        if not cursors:
            return
        generation, offset = data.draw(st.sampled_from(cursors))
        known = [piece for piece in flat(self.seen.get(generation, [])) if piece[0] >= offset]
        again = flat(list(self.pages(generation, offset, limit)))
        assert again == known[: len(again)]

    def pages(self, generation: str, offset: int, limit: int) -> Iterator[Committed | Skipped]:
        while page := self.tail.read(generation, offset, limit):
            if isinstance(page, Skipped):
                yield page
                offset += page.length
            else:
                yield Committed(generation, offset, page)
                offset += len(page)

    @rule(limit=st.sampled_from([1, 100, 10_000]))
    def read_all_of_the_current_generation(self, limit: int) -> None:
        self.look()
        if self.named:
            current = self.tail.generation
            pages = flat(list(self.pages(current, 0, limit)))
            assert pages == pieces(self.model.current.consumed)
            assert self.tail.read(current, self.tail.offset, limit) == b""


TestTailAgreesWithItsModel = pytest.mark.timeout(3_600)(TailAgreesWithItsModel.TestCase)
TestTailAgreesWithItsModel.settings = settings(max_examples=HISTORIES, stateful_step_count=30)
