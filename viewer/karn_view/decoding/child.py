"""Decoders' processes: each reads blocks until nobody is at the other end any more.

What takes most of the time until one is ready is done once; the others are forks of the first.
"""

import os
import sys
from multiprocessing.connection import Connection

from karn_view.decoding.slots import Slots, put
from karn_view.formats.ahead import Scout


def main() -> None:
    """Is a decoder and begins others, each with a socket and a memory of its own."""
    given = [*map(int, sys.argv[1:])]
    first, *others = zip(given[::2], given[1::2], strict=True)
    forked: list[int] = []
    for own in others:
        process = os.fork()
        if not process:
            first, forked = own, []
            break
        forked.append(process)
    for fd in set(given).difference(first):
        os.close(fd)  # while anybody has a socket, its other end is not told that its process ended
    answer(*first)
    for process in forked:
        os.waitpid(process, 0)
    os._exit(0)  # there is nothing to clear up


def answer(channel_fd: int, memory_fd: int) -> None:
    """Says who it is once it is ready, and answers each task.

    A task is a slot, a length, an era and its forms that are new.
    """
    channel, slots = Connection(channel_fd), Slots(memory_fd)
    era, scout = 0, Scout(0)
    try:
        channel.send(os.getpid())
        while True:
            slot, length, now, forms = channel.recv()
            if now != era:
                era, scout = now, Scout(now)
            scout.learn(forms)
            channel.send(put(scout.read(slots[slot][:length]), slots[slot]))
    except (EOFError, ConnectionError):
        pass  # whoever asked has what it wanted, or is gone


if __name__ == "__main__":
    main()
