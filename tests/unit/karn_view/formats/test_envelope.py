"""Records out of the lines that wrap them."""

import math
from typing import Any

import pytest
from karn_view.formats.envelope import Envelopes, Letter

INNER = '{"step": 1}'


def opened(record: dict[str, Any]) -> Letter:
    letter = Envelopes().open_object(record)
    assert letter is not None
    return letter


def test_docker_may_wrap_a_record_or_text() -> None:
    wrapped = {"log": INNER + "\n", "stream": "stdout", "time": "2026-01-01T00:00:00.5Z"}
    assert opened(wrapped).content == {"step": 1}
    assert opened(wrapped).wall % 1 == 0.5
    assert opened({**wrapped, "log": "hello\n"}).content == "hello"


def test_a_collector_may_add_words_of_its_own() -> None:
    wrapped = {
        "log": INNER,
        "stream": "stdout",
        "kubernetes": {"pod_name": "p", "restarts": 2},
        "@timestamp": "2026-01-01T00:00:00.5Z",
    }
    assert opened(wrapped).content == {"step": 1}
    assert opened(wrapped).wall % 1 == 0.5


def test_a_shipped_message_may_be_a_record() -> None:
    wrapped = {"message": INNER, "host": "h", "pid": 3, "@timestamp": "2026-01-01T00:00:00Z"}
    assert opened(wrapped).content == {"step": 1}
    assert Envelopes().open_object({"message": "hello", "host": "h"}) is None
    assert Envelopes().open_object({"message": "{hello}"}) is None
    assert Envelopes().open_object({"message": INNER, "loss": 0.5}) is None


def test_cloud_logging_and_loguru_keep_an_object() -> None:
    cloud = {"jsonPayload": {"step": 1}, "severity": "ERROR", "timestamp": "2026-01-01T00:00:00Z"}
    assert opened(cloud).content == {"severity": "ERROR", "step": 1}
    inner = {
        "message": "m",
        "level": {"name": "INFO", "no": 20},
        "name": "t",
        "time": {"timestamp": 1.8e9},
        "extra": {"step": 1},
    }
    letter = opened({"text": "…", "record": inner})
    assert letter.content == {"message": "m", "level": "INFO", "logger": "t", "step": 1}
    assert letter.wall == 1.8e9


def test_a_record_with_a_log_of_its_own_is_not_dockers() -> None:
    assert Envelopes().open_object({"log": "x", "stream": "stdout", "step": 3}) is None
    assert Envelopes().open_object({"log": "x"}) is None


def test_a_prefix_gives_time_and_tag() -> None:
    letter = Envelopes().open_text("2026-01-01 10:00:00,5 | INFO | valid | " + INNER)
    assert (letter.content, letter.tag) == ({"step": 1}, "valid")
    assert math.isfinite(letter.wall)


@pytest.mark.parametrize("prefix", ["[rank0]: ", "INFO:root:", "[2026-01-01 10:00:00] {tag} "])
def test_any_prefix_is_taken_off(prefix: str) -> None:
    assert Envelopes().open_text(prefix + INNER).content == {"step": 1}


@pytest.mark.parametrize(
    "text", ["saved {best} model", "x {", "config {'lr': 1}", "a " + INNER + " b"]
)
def test_text_with_brackets_is_text(text: str) -> None:
    assert Envelopes().open_text(text).content == text


def test_docker_in_kubernetes_is_opened_twice() -> None:
    docker = '{"log": "{\\"step\\": 1}\\n", "stream": "stdout", "time": "x"}'
    letter = Envelopes().open_text("2026-01-01T00:00:00Z stdout F " + docker)
    assert letter.content == {"step": 1}
    assert math.isfinite(letter.wall)


def test_the_journal_keeps_what_a_service_wrote() -> None:
    fields = {"__REALTIME_TIMESTAMP": "1800000000500000", "PRIORITY": "6", "_PID": "12"}
    letter = opened({"MESSAGE": INNER, **fields})
    assert (letter.content, letter.wall) == ({"step": 1}, 1800000000.5)
    assert opened({"MESSAGE": "Epoch 1 done", **fields}).content == "Epoch 1 done"
    assert Envelopes().open_object({"MESSAGE": "Epoch 1 done", "PRIORITY": "6"}) is None
