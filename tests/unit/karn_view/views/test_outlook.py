import math

from telling import epoch, event, seed, shown, snapshot, started


def test_nothing_is_claimed_of_what_was_not_measured() -> None:
    assert shown()["outlook"] == {
        "status": "unknown",
        "now": "nothing measured yet",
        "why": [],
        "next": [],
    }


def test_a_healthy_training_is_well_and_says_where_it_is() -> None:
    outlook = shown(started(), epoch(3, 71.0, host_accuracy=65.0))["outlook"]
    assert outlook["status"] == "well"
    assert outlook["now"] == "epoch 3 of 20, accuracy 71.0 %, the seeds add +6.0 points to the host"


def test_an_accuracy_that_is_not_finite_is_said_so() -> None:
    assert "accuracy NaN" in shown(epoch(1, math.nan))["outlook"]["now"]


def test_divergence_is_trouble_and_comes_before_lesser_reasons() -> None:
    update = event("PPO_UPDATE_COMPLETED", {"kl_divergence": 0.5})
    outlook = shown(update, epoch(1, val_loss=math.nan))["outlook"]
    assert outlook["status"] == "trouble"
    assert outlook["why"][0]["text"] == "diverged: 1 of 1 environments (env 0)"
    assert "KL 0.5" in outlook["why"][-1]["text"]
    assert outlook["next"][0] == "look at the last finite loss and the learning rate"


def test_an_alert_of_long_ago_does_not_speak_for_now() -> None:
    trouble = event("GRADIENT_ANOMALY", {"detail": "norm 900"})
    recent = shown(epoch(1, 1.0), trouble, epoch(2, 2.0))["outlook"]
    assert (recent["status"], recent["why"][0]["text"]) == ("watch", "norm 900")
    later = [epoch(n, float(n)) for n in range(2, 40)]
    assert shown(epoch(1, 1.0), trouble, *later)["outlook"]["status"] == "well"


def test_a_blending_seed_is_what_to_watch_next() -> None:
    story = [epoch(1), seed("GERMINATED"), seed("STAGE_CHANGED", to_stage="BLENDING")]
    [next_step] = shown(*story)["outlook"]["next"]
    assert next_step.startswith("r0c0 in env 0 is blending in")


def test_gradients_that_are_not_finite_are_trouble() -> None:
    update = event("PPO_UPDATE_COMPLETED", {"nan_grad_count": 3})
    assert shown(update, snapshot("batch_stats"))["outlook"]["status"] == "trouble"
