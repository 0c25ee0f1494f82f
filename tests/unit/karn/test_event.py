from collections import UserDict
from datetime import UTC, datetime

import pytest

from karn.event import TelemetryEvent, TelemetryEventType, as_record, envelope

ENVELOPE = [
    "event_id",
    "event_type",
    "timestamp",
    "seed_id",
    "slot_id",
    "epoch",
    "group_id",
    "message",
    "data",
    "severity",
]


def test_the_envelope_has_its_ten_fields_in_order() -> None:
    assert list(envelope(TelemetryEvent(TelemetryEventType.SEED_PRUNED))) == ENVELOPE


def test_a_types_name_is_what_is_written() -> None:
    assert all(member.name == member.value for member in TelemetryEventType)
    assert envelope(TelemetryEvent(TelemetryEventType.SEED_CULLED))["event_type"] == "SEED_CULLED"
    assert envelope(TelemetryEvent("OWN_TYPE"))["event_type"] == "OWN_TYPE"


def test_both_vocabularies_are_known() -> None:
    assert {"SEED_PRUNED", "SEED_CULLED"} <= set(TelemetryEventType.__members__)


def test_every_event_has_an_id_of_its_own() -> None:
    assert TelemetryEvent("A").event_id != TelemetryEvent("A").event_id


def test_a_timestamp_has_microseconds_and_an_offset() -> None:
    event = TelemetryEvent("A", timestamp=datetime(2024, 6, 1, tzinfo=UTC))
    assert envelope(event)["timestamp"] == "2024-06-01T00:00:00.000000+00:00"


def test_a_mapping_with_an_event_type_gets_the_whole_envelope() -> None:
    record = as_record({"event_type": TelemetryEventType.SEED_PRUNED, "epoch": 3, "extra": 1})
    assert list(record) == [*ENVELOPE, "extra"]
    assert (record["event_type"], record["epoch"], record["severity"]) == ("SEED_PRUNED", 3, "info")


def test_an_event_of_another_file_loses_that_files_count() -> None:
    assert "seq" not in as_record({"event_type": "A", "seq": 5})


def test_any_other_mapping_stays_flat_and_gets_a_timestamp() -> None:
    assert list(as_record({"loss": 1, "seq": 5})) == ["loss", "seq", "timestamp"]
    assert as_record(UserDict(timestamp="then")) == {"timestamp": "then"}


def test_the_given_mapping_is_not_changed() -> None:
    given = {"event_type": "A", "seq": 1}
    as_record(given)
    assert given == {"event_type": "A", "seq": 1}


@pytest.mark.parametrize("neither", [None, 1, "text"])
def test_what_is_neither_event_nor_mapping_is_refused(neither: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        as_record(neither)  # type: ignore[arg-type]
