import json
from typing import Any

from karn_view.server.layouts import SHARED, in_brief


def metric(name: str, points: int = 2, **more: Any) -> dict[str, Any]:
    placed = dict.fromkeys(SHARED, "") | {"name": name, "hidden": False, "constant": False}
    figures = {"points": points, "first_step": 1, "last_step": 9, "last": 0.5}
    return {**placed, **figures, **more}


def test_runs_with_the_same_metrics_share_a_layout_whatever_they_came_to() -> None:
    one = in_brief([metric("loss"), metric("lr", 3, constant=True, hidden=True)])
    other = in_brief([metric("loss", 7, last=3.0), metric("lr")])
    assert one.layout == other.layout
    told = json.loads(one.message)
    assert (told["type"], told["id"]) == ("layout", one.layout)
    assert [shared["name"] for shared in told["metrics"]] == ["loss", "lr"]
    assert in_brief([metric("loss")]).layout != one.layout


def test_what_a_run_has_of_its_own_is_in_the_order_of_the_layout() -> None:
    hidden = metric("epoch", 5, hidden=True, constant=True, first_step=0, last_step=99)
    missing = metric("late", 0, first_step=None, last_step=None)
    brief = in_brief([metric("loss"), hidden, missing, metric("acc", 3, last_step=12)])
    assert brief.own == {
        "layout": brief.layout,
        "points": [2, 5, 0, 3],
        "steps": [1, 12],
        "hidden": [1],
        "constant": [1],
    }
    assert in_brief([]).own["steps"] is None
