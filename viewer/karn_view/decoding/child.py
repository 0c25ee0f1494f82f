"""A decoder's process: reads blocks until nobody is at the other end any more."""

import sys
from multiprocessing.connection import Connection

from karn_view.decoding.slots import Slots, put
from karn_view.formats.ahead import Scout, begins_of
from karn_view.lines import LF


def main() -> None:
    """Answers each task, which is a slot, a length, an era and its forms that are new."""
    channel, slots = Connection(int(sys.argv[1])), Slots(int(sys.argv[2]))
    era, scout = 0, Scout(0)
    try:
        channel.send("ready")
        while True:
            slot, length, now, forms = channel.recv()
            if now != era:
                era, scout = now, Scout(now)
            scout.learn(forms)
            lines = bytes(slots[slot][:length]).split(LF)[:-1]
            channel.send(put(scout.read(lines, begins_of(lines)), slots[slot]))
    except (EOFError, ConnectionError):
        pass  # whoever asked has what it wanted, or is gone


if __name__ == "__main__":
    main()
