"""Writes lines at a rate: `python tests/benchmarks/writer.py PATH LINES_A_SECOND SECONDS`.

Prints the lines a second that it has really written.
"""

import os
import sys
import time

LINE = b'{"step": %d, "loss": 0.5, "time": %.6f}\n'


def write(path: str, rate: float, seconds: float) -> float:
    """Writes all lines that are due at once, one by one as a rule, with the time at which it was.

    Returns:
        Lines a second.
    """
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    began = time.perf_counter()
    number, total = 0, int(rate * seconds)
    while number < total:
        due = min(total, 1 + int(rate * (time.perf_counter() - began)))
        now = time.time()
        os.write(fd, b"".join(LINE % (n, now) for n in range(number, due)))
        number = due
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
    os.close(fd)
    return total / (time.perf_counter() - began)


if __name__ == "__main__":
    print(write(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
