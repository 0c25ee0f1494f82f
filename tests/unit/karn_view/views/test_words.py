import math

import pytest
from karn_view.views import words
from telling import event, shown


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0.51, "exploring"),
        (0.5, "settling"),
        (0.11, "settling"),
        (0.1, "collapsed"),
        (math.nan, "not finite"),
    ],
)
def test_the_entropy_of_one_head_has_a_word(value: float, word: str) -> None:
    judged = words.entropy_word(value)
    assert judged is not None
    assert judged.word == word


def test_a_sum_of_entropies_has_no_word() -> None:
    assert words.entropy_word(8.4) is None


@pytest.mark.parametrize(
    ("value", "word"),
    [(-1e-10, "stable"), (0.019, "stable"), (0.02, "moderate"), (0.06, "elevated"), (0.1, "high")],
)
def test_a_divergence_has_a_word(value: float, word: str) -> None:
    assert words.kl_word(value).word == word


@pytest.mark.parametrize(("value", "word"), [(0.01, "low"), (0.05, "moderate"), (0.11, "healthy")])
def test_the_variance_of_values_has_a_word(value: float, word: str) -> None:
    assert words.value_variance_word(value).word == word


def test_the_head_of_the_operation_is_judged_where_the_entropy_is_a_sum() -> None:
    update = event("PPO_UPDATE_COMPLETED", {"entropy": 8.4, "head_op_entropy": 0.7})
    dashboard = shown(update)
    assert dashboard["entropy"] == 8.4
    judged = dashboard["words"]["entropy"]
    assert (judged["word"], judged["judged"], judged["value"]) == ("exploring", "entropy_op", 0.7)


def test_a_collapse_that_the_update_reports_is_believed() -> None:
    update = event("PPO_UPDATE_COMPLETED", {"entropy": 8.4, "entropy_collapsed": True})
    assert shown(update)["words"]["entropy"]["word"] == "collapsed"


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert {judged["word"] for judged in shown()["words"].values()} == {None}
