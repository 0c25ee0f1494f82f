import os
from pathlib import Path

from karn.run_records import describe_error, process_facts


def test_the_facts_tell_this_process_from_a_later_one_with_its_number() -> None:
    facts = process_facts()
    assert facts["pid"] == os.getpid()
    ticks = Path("/proc/self/stat").read_text().rpartition(") ")[2].split()[19]
    assert facts["process_started"] == int(ticks)
    assert facts["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert os.readlink("/proc/self/ns/pid") == f"pid:[{facts['pid_namespace']}]"


def test_an_error_is_described_with_its_traceback() -> None:
    try:
        raise ValueError("no such layer")
    except ValueError as error:
        described = describe_error(error)
    assert described is not None
    assert (described["type"], described["message"]) == ("ValueError", "no such layer")
    assert "test_run_records.py" in described["traceback"]


def test_no_error_is_none_and_text_is_its_own_message() -> None:
    assert describe_error(None) is None
    assert describe_error("preempted") == {"type": "", "message": "preempted", "traceback": ""}


def test_an_error_that_cannot_be_printed_is_described_all_the_same() -> None:
    class Odd(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    described = describe_error(Odd())
    assert described is not None
    assert described["message"] == "<unprintable Odd>"
