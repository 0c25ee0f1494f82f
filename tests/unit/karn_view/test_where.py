import pytest
from karn_view.errors import KarnViewError
from karn_view.where import where


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ("epoch=3", True),
        ("epoch=3.0", True),
        ("epoch!=3", False),
        ("data.slot_id=r0c1", True),
        ("slot_id=r0c1", True),
        ("slot_id!=r0c2", True),
        ("acc>0.5", True),
        ("acc<0.5", False),
        ("passed=true", True),
        ("message~NaN", True),
        ("nothing=1", False),
        ("nothing!=1", True),
        ("acc>=0.75", True),
        ("loss=NaN", True),
    ],
)
def test_a_field_is_found_where_a_person_means_it(condition: str, fits: bool) -> None:
    record = {
        "epoch": 3,
        "message": "val_loss is nan",
        "data": {"slot_id": "r0c1", "passed": True, "loss": float("nan")},
        "metrics": {"acc": 0.75},
    }
    assert where(condition).fits(record) is fits


@pytest.mark.parametrize("text", ["loss", ">3", "loss>", "loss>high", "a b=3"])
def test_what_is_no_condition_is_said(text: str) -> None:
    with pytest.raises(KarnViewError):
        where(text)
