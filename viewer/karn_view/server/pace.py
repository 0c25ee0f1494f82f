"""Who comes when so many come at once. Pure."""


class Pace:
    """Lets so many through each second, and after a rest as many at once; the others queue.

    Args:
        a_second: How many.
        wait_s: Who would have to wait longer is turned away.
    """

    def __init__(self, a_second: float, wait_s: float) -> None:
        self._gap_s = 1 / a_second
        self._wait_s = wait_s
        self._free_at = 0.0

    def wait_s(self, now: float) -> float | None:
        """How long who comes now has to wait, in seconds; None for who is turned away."""
        free_at = max(self._free_at, now - 1.0)
        if free_at - now > self._wait_s:
            return None
        self._free_at = free_at + self._gap_s
        return max(0.0, free_at - now)
