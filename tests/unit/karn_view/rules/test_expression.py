import math

import pytest
from karn_view.errors import KarnViewError
from karn_view.rules.expression import Kept, parse


def holds(text: str, **series: list[float]) -> bool:
    condition = parse(text)
    values = {}
    for name, numbers in series.items():
        values[name.replace("__", "/")] = kept = Kept(condition.windows[name.replace("__", "/")])
        for number in numbers:
            kept.add(number)
    return condition.holds(values)


@pytest.mark.parametrize(
    ("text", "loss", "expected"),
    [
        ("loss > 3", [4.0], True),
        ("loss > 3", [4.0, 2.0], False),
        ("last(loss) >= 2", [1.0, 2.0], True),
        ("mean(loss, 2) > 3", [9.0, 3.0, 4.0], True),
        ("mean(loss, 2) > 3", [9.0], False),
        ("max(loss, 3) == 9", [1.0, 9.0, 1.0], True),
        ("loss > 2 * min(loss)", [1.0, 5.0, 2.5], True),
        ("change(loss, 3) > 0.5", [1.0, 1.2, 1.6], True),
        ("abs(loss) < 1 and not loss < 0", [0.5], True),
        ("isnan(loss)", [1.0, math.nan], True),
        ("loss > 3 or loss < 1", [math.nan], False),
        ("1 < loss < 3", [2.0], True),
        ("median(loss, 3) / 2 > 1", [1.0, 3.0, 90.0], True),
    ],
)
def test_a_condition_means_what_it_says(text: str, loss: list[float], expected: bool) -> None:
    assert holds(text, loss=loss) is expected


def test_a_name_with_a_slash_is_one_name_and_a_division_has_spaces() -> None:
    assert holds("ppo/value_loss > 3", ppo__value_loss=[4.0])
    assert holds("'ppo/value_loss' > 3", ppo__value_loss=[4.0])
    assert holds("val_loss / train_loss > 1.5", val_loss=[3.0], train_loss=[1.0])


def test_for_so_many_steps_is_read_at_the_end() -> None:
    assert parse("loss > 3 for 5 steps").steps == 5
    assert parse("loss > 3").steps == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no condition"),
        ("loss >", "is no condition"),
        pytest.param("-" * 490 + "loss", "is no condition", id="deep"),
        ("loss", "neither true nor false"),
        ("3 > 2", "names no metric"),
        ("mode(loss, 3) > 2", "no function mode"),
        ("mean(loss, 0) > 2", "looks at 1 to"),
        ("std(loss) > 2", "looks at 1 to"),
        ("mean(loss + 1, 3) > 2", "takes the name of a metric"),
        ("loss in (1, 2)", "compared by"),
        ("__import__('os').system('true') > 1", "not understood"),
        (f"loss > {'9' * 400}", "too large a number"),
        ("(lambda: 1)() > 0", "not understood"),
        ("loss.__class__ > 1 if loss else 2", "neither true nor false"),
        ("loss > 1 for 0 steps", "for 1 to"),
        ("(" * 300 + "loss" + ")" * 300 + " > 1", "500 characters"),
        ("loss ** 2 > 1", "not understood"),
    ],
)
def test_what_is_no_condition_is_said_in_one_line(text: str, words: str) -> None:
    with pytest.raises(KarnViewError, match=words) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
