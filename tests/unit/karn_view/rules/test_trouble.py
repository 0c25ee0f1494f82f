"""Each rule on series made to have that trouble, and to nearly have it."""

import math
from collections.abc import Sequence

import pytest
from karn_view.rules import BUILT_IN, Watch, tuning_of
from karn_view.store import Store
from ruling import falling, portions_of, store_of


def types(store: Store) -> list[str]:
    found = Watch().take(store, "run", (), karn=False)
    return [alert.type for alert, _ in found]


def of(name: str, values: Sequence[float]) -> list[str]:
    return types(store_of(**{name: values}))


def test_a_loss_that_falls_is_well() -> None:
    assert of("loss", falling(2_000)) == []


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_any_more_is_told_once(value: float) -> None:
    assert of("train/loss", [1.0, value, value]) == ["NON_FINITE_LOSS"]
    assert of("grad_norm", [1.0, value, 1.0, value]) == ["NON_FINITE", "NON_FINITE"]


def test_a_measure_that_may_be_nothing_is_left_alone() -> None:
    assert of("rollout/ep_rew_mean", [math.nan, 1.0, math.nan]) == []


def test_losses_that_events_tell_of_are_not_told_again() -> None:
    store = store_of(loss=[1.0, math.nan])
    assert Watch().take(store, "run", (), karn=True) == []


def test_a_loss_that_explodes_has_diverged() -> None:
    assert of("val_loss", [*falling(100), *[50.0] * 10]) == ["DIVERGENCE"]


def test_a_loss_back_where_it_began_for_long_has_diverged() -> None:
    assert of("val_loss", [*falling(100), *[2.5] * 20]) == ["DIVERGENCE"]


def test_an_episode_that_begins_anew_has_not() -> None:
    assert of("val_loss", [*falling(100), *falling(100), *falling(100)]) == []


def test_a_loss_as_large_as_numbers_get_is_no_error() -> None:
    assert of("loss", [1.7e308, *[0.0] * 9]) == []


def test_one_spike_is_no_divergence() -> None:
    assert of("loss", [*falling(100), 15.0, *[0.3] * 50]) == []


def test_a_term_of_a_loss_may_grow() -> None:
    assert of("loss_reg", [*[0.001] * 20, *[0.1] * 50]) == []


def test_a_policy_and_its_critic_may_do_as_they_like() -> None:
    up = [*[1.0] * 20, *[99.0] * 50]
    assert of("train/value_loss", up) == []
    assert types(store_of(**{"train/loss": up, "train/policy_gradient_loss": up})) == []


def test_no_better_loss_for_most_of_a_long_course_is_a_plateau() -> None:
    flat = [0.3 + 0.01 * (n % 7) for n in range(900)]
    assert of("loss", [*falling(100), *flat]) == ["PLATEAU"]
    assert of("loss", [*falling(100), *flat[:300]]) == []


def test_throughput_that_drops_for_good_is_told() -> None:
    usual = [100.0 + n % 9 for n in range(60)]
    assert of("tokens_per_second", [*usual, *[30.0] * 20]) == ["THROUGHPUT_DROP"]
    assert of("tokens_per_second", [*usual, *[30.0] * 5, *usual]) == []
    assert of("eval_samples_per_second", [*usual, *[30.0] * 20]) == []


def test_lines_that_come_far_more_slowly_are_told() -> None:
    gaps = [0.1] * 1_000 + [1.0] * 400
    assert types(store_of(gaps, acc=[1.0] * 1_400)) == ["THROUGHPUT_DROP"]
    assert types(store_of([0.1] * 1_400, acc=[1.0] * 1_400)) == []


def test_a_policy_with_one_choice_left_has_collapsed() -> None:
    assert of("ppo/entropy", [1.2, 0.5, 0.005, 0.005, 0.005]) == ["ENTROPY_COLLAPSE"]
    assert of("train/entropy_loss", [-1.2, -0.005, -0.004, -0.003]) == ["ENTROPY_COLLAPSE"]
    assert of("action/decision_entropy", [0.0] * 9) == []


def test_a_seed_that_no_gradient_reaches_is_dead() -> None:
    store = store_of(**{"seeds/r0c1/grad_ratio/env2": [0.5, *[0.0] * 12]})
    [(alert, row)] = Watch().take(store, "run", (), karn=True)
    assert (alert.type, alert.slot, alert.env, row) == ("DEAD_SEED", "r0c1", 2, 10)


@pytest.mark.parametrize("size", [1, 3, 64])
def test_any_portions_give_the_same_alerts(size: int) -> None:
    loss = [*falling(100), math.nan, *[50.0] * 40, math.inf, *[0.4] * 900]
    rate = [*[100.0] * 60, *[30.0] * 20, *[100.0] * 963][: len(loss)]
    whole = Watch().take(store_of(loss=loss, fps=rate), "run", (), karn=False)
    watch, found = Watch(), []
    for store in portions_of(size, loss=loss, fps=rate):
        found += watch.take(store, "run", (), karn=False)
    assert sorted(found, key=str) == sorted(whole, key=str)
    assert {alert.type for alert, _ in found} == {
        "NON_FINITE_LOSS",
        "DIVERGENCE",
        "PLATEAU",
        "THROUGHPUT_DROP",
    }


TROUBLES = {
    "loss": [*falling(100), math.nan, *[50.0] * 40, *[0.4] * 900],
    "fps": [*[100.0] * 60, *[30.0] * 20, *[100.0] * 961],
    "grad_norm": [1.0, math.inf, *[1.0] * 1_039],
    "entropy": [0.5, *[0.001] * 5, *[0.5] * 1_035],
    "seeds/r0c0/grad_ratio": [*[0.0] * 12, *[1.0] * 1_029],
}


@pytest.mark.parametrize("rule", sorted(set(BUILT_IN) - {"STALL"}))
def test_a_rule_that_is_off_is_the_only_one_that_is_silent(rule: str) -> None:
    store, off = store_of(**TROUBLES), tuning_of({rule: {"on": False}})
    usual = {alert.type for alert, _ in Watch().take(store, "run", (), karn=False)}
    assert usual == set(BUILT_IN) - {"STALL"}
    assert {alert.type for alert, _ in Watch().take(store, "run", (), off, karn=False)} == {
        *usual - {rule}
    }


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("DIVERGENCE", {"points": 60, "at_once": 1e6}),
        ("DIVERGENCE", {"times": 1000, "at_once": 1000}),
        ("PLATEAU", {"points": 2000}),
        ("PLATEAU", {"share": 0.95}),
        ("THROUGHPUT_DROP", {"share": 0.2}),
        ("THROUGHPUT_DROP", {"points": 50}),
        ("ENTROPY_COLLAPSE", {"entropy": 0.0001}),
        ("ENTROPY_COLLAPSE", {"points": 6}),
        ("DEAD_SEED", {"points": 13}),
    ],
)
def test_a_limit_that_is_set_holds(rule: str, limits: dict[str, float]) -> None:
    store, set_anew = store_of(**TROUBLES), tuning_of({rule: limits})
    found = Watch().take(store, "run", (), set_anew, karn=False)
    assert rule not in {alert.type for alert, _ in found}


def test_a_rule_that_is_set_anew_looks_at_everything_again() -> None:
    store, watch = store_of(**TROUBLES), Watch()
    watch.take(store, "run", (), karn=False)
    off = tuning_of({"PLATEAU": {"on": False}})
    watch.take(store, "run", (), off, karn=False)
    assert "PLATEAU" not in str(watch.alerts(store).dashboard())
    watch.take(store, "run", (), karn=False)
    assert "PLATEAU" in str(watch.alerts(store).dashboard())


def test_a_long_run_is_looked_at_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karn_view.rules.watch.VALUES_A_TIME", 100)
    store, watch, whole = store_of(**TROUBLES), Watch(), Watch()
    found = watch.take(store, "run", (), karn=False)
    assert watch.behind(store)
    while watch.behind(store):
        found += watch.take(store, "run", (), karn=False)
    monkeypatch.undo()
    assert sorted(found, key=str) == sorted(whole.take(store, "run", (), karn=False), key=str)


def test_a_series_that_waits_for_its_portion_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karn_view.rules.watch.VALUES_A_TIME", 2)
    growing = portions_of(1, loss=[1.0] * 4, other_loss=[math.nan, 1.0, 1.0, 1.0])
    store, watch = next(growing), Watch()
    found = watch.take(store, "run", (), karn=False)
    *_, store = growing
    found += watch.take(store, "run", (), karn=False)
    assert [alert.type for alert, _ in found] == ["NON_FINITE_LOSS"]


def test_the_past_knows_no_alert_of_later() -> None:
    store, watch = store_of(loss=[1.0, math.nan, 1.0, math.nan]), Watch()
    watch.take(store, "run", (), karn=False)
    counts = [watch.alerts(store, until).dashboard()["alerts_count"] for until in (0, 150, 999)]
    assert counts == [0, 1, 2]


def test_thousands_of_losses_that_are_well_are_not_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("karn_view.rules.watch._policy_row", lambda name, _: asked.append(name))
    assert types(store_of(**{f"client{n}/loss": falling(50) for n in range(5)})) == []
    assert asked == []


def test_very_many_alerts_of_a_type_hide_none_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karn_view.rules.watch.FOUND_MOST", 3)
    series = {"grad_norm": [1.0, math.nan] * 60, "val_loss": [*falling(100), *[50.0] * 20]}
    store, watch = store_of(**series), Watch()
    watch.take(store, "run", (), karn=False)
    told = watch.alerts(store).dashboard()["alerts"]
    counts = {alert["type"]: alert["count"] for alert in told}
    assert counts == {"NON_FINITE": 3, "DIVERGENCE": 1}
