"""Writes lines at a rate: `python tests/benchmarks/writer.py PATH LINES_A_SECOND SECONDS`."""

import os
import sys
import time


def write(path: str, rate: float, seconds: float) -> None:
    """Writes each line by itself when it is due, with the time at which it was."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        rest_s = began + number / rate - time.perf_counter()
        if rest_s > 0:
            time.sleep(rest_s)
        os.write(fd, b'{"step": %d, "loss": 0.5, "time": %.6f}\n' % (number, time.time()))
    os.close(fd)


if __name__ == "__main__":
    write(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
