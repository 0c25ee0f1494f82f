import pytest
from growth import alarms
from growth.reports import Reports
from growth.watch import DIVERGED_EPOCHS, Diverged, Stability, Watch

from karn import TelemetryEvent

NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture
def said() -> list[TelemetryEvent]:
    return []


@pytest.fixture
def watch(said: list[TelemetryEvent]) -> Watch:
    return Watch(Reports(said.append, 0, 0), epochs=10)


def names(said: list[TelemetryEvent]) -> list[str]:
    return [str(event.event_type) for event in said]


def test_an_ordinary_episode_alarms_nobody(watch: Watch, said: list[TelemetryEvent]) -> None:
    for epoch in range(10):
        watch.look(1.0 / (epoch + 1), 10.0 * epoch, 2.0)
    assert not said


def test_a_loss_that_is_no_number_is_said_once_and_then_ends_the_run(
    watch: Watch, said: list[TelemetryEvent]
) -> None:
    for _ in range(DIVERGED_EPOCHS - 1):
        watch.look(NAN, 10.0, 1.0)
    with pytest.raises(Diverged, match="nan"):
        watch.look(NAN, 10.0, 1.0)
    assert names(said) == ["NUMERICAL_INSTABILITY_DETECTED"]
    assert said[0].severity == "warning"


def test_a_loss_that_comes_back_did_not_diverge(watch: Watch, said: list[TelemetryEvent]) -> None:
    for loss in (INFINITY, INFINITY, 1.0, INFINITY, INFINITY):
        watch.look(loss, 10.0, 1.0)
    assert names(said) == ["NUMERICAL_INSTABILITY_DETECTED"] * 2


def test_a_gradient_a_hundred_times_its_usual_size_has_exploded(
    watch: Watch, said: list[TelemetryEvent]
) -> None:
    for norm in (1.0, 99.0, 1000.0 * 11, 1.0):
        watch.look(1.0, 50.0, norm)
    assert names(said) == ["GRADIENT_ANOMALY"]


def test_a_fall_of_accuracy_is_said_when_it_begins(
    watch: Watch, said: list[TelemetryEvent]
) -> None:
    for accuracy in (80.0, 80.0, 60.0, 60.0, 80.0, 50.0):
        watch.look(1.0, accuracy, 1.0)
    assert names(said) == ["PERFORMANCE_DEGRADATION"] * 2
    assert said[0].data and said[0].data["drop_percent"] == 25.0


def test_a_host_has_settled_when_its_loss_hardly_falls_twice_running() -> None:
    stability = Stability()
    losses = [4.0, 3.9, 2.0, 1.9, 1.8, 0.1]
    assert [stability.settled(loss) for loss in losses] == [False, False, False, False, True, True]


def test_entropy_has_collapsed_far_under_what_the_choices_allow() -> None:
    assert alarms.of_entropy(0.01, choices=8.0)
    assert alarms.of_entropy(0.5, choices=8.0) is None
    assert alarms.of_entropy(0.0, choices=1.0) is None


def test_a_critic_that_says_the_same_of_everything_has_collapsed() -> None:
    assert alarms.of_values(0.001, 1.0)
    assert alarms.of_values(0.5, 1.0) is None


@pytest.mark.parametrize(
    ("delta", "name"),
    [
        (3.0, "IMPROVEMENT_DETECTED"),
        (-3.0, "DEGRADATION_DETECTED"),
        (0.0, "PLATEAU_DETECTED"),
        (1.0, None),
    ],
)
def test_a_trend_is_named_by_its_size(delta: float, name: str | None) -> None:
    assert alarms.trend(delta) == name
