"""Lines of known shapes become columns, others are looked at; a property test says both agree."""

import json
from typing import Any

from karn_view.formats import Batch, Reader
from karn_view.lines import split
from reading import answer, read_portions

SETTLED = 1_000


def second_batch(records: list[dict[str, Any]]) -> Batch:
    """The batch of everything that follows the records by which the axis is settled."""
    lines = split("".join(json.dumps(record) + "\n" for record in records).encode(), 0)
    reader = Reader()
    reader.read(lines[: SETTLED + 100])
    return reader.read(lines[SETTLED + 100 :])


def test_records_of_one_shape_become_columns() -> None:
    batch = second_batch([{"step": n, "loss": n / 2} for n in range(2_000)])
    for sheet in batch.sheets:
        assert (sheet.names, sheet.type, sheet.kind) == (("step", "loss"), "metric", "metric")
    x = [x for sheet in batch.sheets for x in sheet.x.tolist()]
    losses = [loss for sheet in batch.sheets for loss in sheet.values[:, 1].tolist()]
    assert x == list(range(SETTLED + 101, 2_000))
    assert losses == [n / 2 for n in range(SETTLED + 101, 2_000)]
    assert len(batch.rows) == 1  # the first of any batch


def test_every_metric_of_a_long_format_has_columns_of_its_own() -> None:
    names = [f"m{number}" for number in range(20)]
    batch = second_batch(
        [{"metric": name, "step": n, "value": n / 2} for n in range(100) for name in names]
    )
    assert sorted({name for sheet in batch.sheets for name in sheet.names}) == sorted(names)
    assert all(len(sheet.names) == 1 for sheet in batch.sheets)
    assert len(batch.rows) <= len(names) + 1


def test_lists_of_numbers_are_columns_and_longer_ones_are_passed_over() -> None:
    batch = second_batch(
        [{"step": n, "auc": [n / 2], "pair": [n, 0.5], "long": [0.5] * 9} for n in range(2_000)]
    )
    assert len(batch.rows) == 1  # the first of any batch
    (names,) = {tuple(sheet.names) for sheet in batch.sheets}
    assert names == ("step", "auc", "pair/0", "pair/1")
    rows = [row for sheet in batch.sheets for row in sheet.values.tolist()]
    assert rows == [[n, n / 2, n, 0.5] for n in range(SETTLED + 101, 2_000)]


def test_text_that_spells_numbers_is_columns_while_it_is_believed() -> None:
    records = [{"step": str(n), "loss": f"{n / 2:.1f}"} for n in range(2_000)]
    batch = second_batch(records)
    assert len(batch.rows) == 1  # the first of any batch
    rows = [row for sheet in batch.sheets for row in sheet.values.tolist()]
    assert rows == [[n, n / 2] for n in range(SETTLED + 101, 2_000)]
    records[1_200:1_700] = [{"step": str(n), "loss": "none yet"} for n in range(1_200, 1_700)]
    later = second_batch(records)
    assert not any("loss" in sheet.names for sheet in later.sheets if sheet.at[-1] > 200)


def test_text_that_spells_no_number_yet_may_spell_one_later() -> None:
    records: list[dict[str, Any]] = [{"step": n, "loss": 0.5} for n in range(1_200)]
    records += [{"event": "tick", "state": "none" if n < 3 else str(n)} for n in range(99)]
    lines = split("".join(json.dumps(record) + "\n" for record in records).encode(), 0)
    together = read_portions([lines[:1_150], lines[1_150:1_230], lines[1_230:]])
    assert answer(together) == answer(read_portions([line] for line in lines))
    assert "state" in together.names


def test_words_that_are_never_the_same_are_looked_at() -> None:
    told = [{"event": f"step {n}", "step": n, "loss": n / 2} for n in range(3_000)]
    batch = second_batch(told)
    assert batch.size == 3_000 - SETTLED - 100
    assert [row.type for row in batch.rows[-2:]] == ["step 2998", "step 2999"]


def test_a_line_of_another_shape_in_between_is_a_row_where_it_stands() -> None:
    records: list[dict[str, Any]] = [{"step": n, "loss": 1.0} for n in range(2_000)]
    records[1_500] = {"event": "checkpoint", "path": "a"}
    batch = second_batch(records)
    (at,) = (at for at, row in zip(batch.places(), batch.rows, strict=True) if row.kind == "event")
    assert at == 1_500 - SETTLED - 100
    assert [found for found in batch.in_order() if isinstance(found, int)] == [399, 499]


def test_a_document_that_goes_on_in_the_next_portion_is_none_of_the_known_shapes() -> None:
    plain = [b'{"step": %d, "loss": 0.5}' % n for n in range(1_500)] + [b"{}"] * 40
    document = [b"{", b' "log_history": [', b"  {", b'   "step": 1,', b'   "loss": 0.5', b"  },"]
    rest = [b"  {}", b" ]", b"}", *plain[:40]]
    lines = split(b"".join(line + b"\n" for line in [*plain, *document, *rest]), 0)
    place = len(plain) + len(document) - 1
    portions = [lines[:1_200], lines[1_200:place], lines[place:]]
    assert answer(read_portions(portions)) == answer(read_portions([line] for line in lines))


def test_runs_that_a_single_line_shows_to_write_in_turns_have_names_of_their_own_at_once() -> None:
    told = [(run, n) for run, count in (("a", 1_500), ("b", 200), ("a", 100)) for n in range(count)]
    spelt = [b'{"run_id": "%b", "step": %d, "loss": 0.5}\n' % (r.encode(), n) for r, n in told]
    lines = split(b"".join(spelt), 0)
    portions = [lines[:1_400], lines[1_400:1_700], lines[1_700:1_701], lines[1_701:]]
    read = read_portions(portions)
    assert "loss/run=a" in read.names
    assert answer(read) == answer(read_portions([line] for line in lines))


def test_a_record_of_two_splits_stands_where_its_first_one_does() -> None:
    lines = [
        {"train/step": n, "train/loss": 0.5, "eval/step": n // 5, "eval/acc": 0.5}
        for n in range(3_000)
    ]
    x = [x for sheet in second_batch(lines).sheets for x in sheet.x.tolist()]
    assert x == list(range(SETTLED + 101, 3_000))


def test_samples_of_a_file_become_columns_though_there_are_gaps_between_them() -> None:
    told: list[dict[str, Any]] = [{"step": n, "loss": n / 2} for n in range(2_000)]
    told[1_500] = {"event": "checkpoint", "step": 1_500}
    text = "".join(json.dumps(record) + "\n" for record in told).encode()
    lines = [line for at, line in enumerate(split(text, 0)) if at < 1_200 or at // 20 % 2]
    reader = Reader()
    reader.read(lines[: SETTLED + 100])
    batch = reader.read(lines[SETTLED + 100 :])
    assert len(batch.rows) == 2
    offsets = [offset for sheet in batch.sheets for offset in sheet.offsets.tolist()]
    offsets += [row.offset for row in batch.rows]
    assert sorted(offsets) == [line.offset for line in lines[SETTLED + 100 :]]
