"""A JSON document of many lines."""

import json

from reading import read_lines

HISTORY = [{"step": n, "loss": n / 3} for n in range(1, 4)]


def test_the_entries_of_a_list_are_records_and_the_rest_is_configuration() -> None:
    for indent in (1, 2, 4):
        text = json.dumps({"best": None, "log_history": HISTORY, "max_steps": 9}, indent=indent)
        reading = read_lines(text.split("\n"))
        assert reading.kinds == {"metric": 3, "config": 1}
        assert reading.series("loss") == [(1, 1 / 3), (2, 2 / 3), (3, 1)]
        assert reading.reader.config["max_steps"] == 9
        assert "3 records" in reading.reader.format_reason


def test_a_list_of_records_is_a_document_too() -> None:
    one_a_line = ["["] + [json.dumps(entry) + "," for entry in HISTORY[:2]] + ["{}", "]"]
    assert read_lines(one_a_line).values("loss") == [1 / 3, 2 / 3]
    assert read_lines(json.dumps(HISTORY, indent=2).split("\n")).values("loss") == [1 / 3, 2 / 3, 1]


def test_a_document_on_one_line_is_opened_as_well() -> None:
    reading = read_lines([{"log_history": HISTORY, "max_steps": 9}])
    assert reading.kinds == {"metric": 3, "config": 1}
    assert {row.offset for row in reading.rows} == {0}
    assert read_lines([json.dumps(HISTORY)] * 2).values("loss") == [1 / 3, 2 / 3, 1] * 2


def test_entries_are_shown_before_the_document_ends() -> None:
    text = json.dumps({"log_history": HISTORY}, indent=2).split("\n")
    assert read_lines(text[:-6]).values("loss") == [1 / 3, 2 / 3]


def test_an_indented_record_among_others_is_a_record() -> None:
    lines = [
        '{"step": 1, "loss": 1}',
        "{",
        '  "step": 2,',
        '  "loss": 2',
        "}",
        '{"step": 3, "loss": 3}',
    ]
    assert read_lines(lines).series("loss") == [(1, 1), (2, 2), (3, 3)]


def test_a_lone_bracket_among_text_swallows_nothing() -> None:
    reading = read_lines(["{", "hello", '{"step": 1, "loss": 2}'])
    assert [row.kind for row in reading.rows] == ["text", "text", "metric"]


def test_brackets_within_strings_do_not_count() -> None:
    text = json.dumps({"log_history": [{"step": 1, "loss": 2, "note": 'a "}] b'}]}, indent=2)
    assert read_lines(text.split("\n")).values("loss") == [2]
