"""Records out of the lines that wrap them."""

import math

import pytest
from karn_view.formats.envelope import Envelopes, is_docker

INNER = '{"step": 1}'


def test_docker_may_wrap_a_record_or_text() -> None:
    envelopes = Envelopes()
    wrapped = {"log": INNER + "\n", "stream": "stdout", "time": "2026-01-01T00:00:00.5Z"}
    assert is_docker(wrapped)
    assert envelopes.open_docker(wrapped).content == {"step": 1}
    assert envelopes.open_docker(wrapped).wall % 1 == 0.5
    assert envelopes.open_docker({**wrapped, "log": "hello\n"}).content == "hello"


def test_a_record_with_a_log_of_its_own_is_not_dockers() -> None:
    assert not is_docker({"log": "x", "stream": "stdout", "step": 3})
    assert not is_docker({"log": "x"})


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
