"""Names that can hold the position of training."""

import pytest
from karn_view.formats.steps import step_name


@pytest.mark.parametrize(
    ("path", "letter"),
    [
        ("step", "A"),
        ("Global Step", "A"),
        ("trainer/global_step", "A"),
        ("global_step/max_steps", "A"),
        ("time/total_timesteps", "B"),
        ("time/iterations", "C"),
        ("num_updates", "C"),
        ("Progress/kimg", "D"),
        ("epoch", "E"),
    ],
)
def test_a_position_has_a_class(path: str, letter: str) -> None:
    found = step_name(path)
    assert found is not None
    assert found.letter == letter


@pytest.mark.parametrize(
    "path", ["time/step", "timing_s/step", "perf/iteration", "total_steps", "max_steps", "loss"]
)
def test_durations_and_totals_are_no_positions(path: str) -> None:
    assert step_name(path) is None


@pytest.mark.parametrize("path", ["valid_num_updates", "train/num_updates", "eval_num_updates"])
def test_a_split_is_taken_off(path: str) -> None:
    found = step_name(path)
    assert found is not None
    assert (found.name, found.depth, found.bare) == ("num_updates", 0, False)


def test_kimg_comes_before_tick_and_step_before_epoch() -> None:
    def rank(path: str) -> tuple[str, int]:
        found = step_name(path)
        assert found is not None
        return found.letter, found.order

    assert rank("kimg") < rank("tick") < rank("epoch")
    assert rank("step") < rank("global_step") < rank("total_timesteps") < rank("iter")


@pytest.mark.parametrize(
    ("path", "letter"),
    [
        ("gradient_step", "A"),
        ("collected_frames", "B"),
        ("learners/num_env_steps_trained_lifetime", "B"),
        ("iter_num", "C"),
        ("global_batch_step", "C"),
        ("global_samples", "D"),
        ("global_sample_step", "D"),
        ("ExamplesSeen", "D"),
        ("server_round", "E"),
        ("global_epoch_step", "E"),
    ],
)
def test_what_ends_in_what_is_counted_may_be_a_position(path: str, letter: str) -> None:
    found = step_name(path)
    assert found is not None
    assert (found.letter, found.is_guess) == (letter, True)


@pytest.mark.parametrize(
    "path",
    [
        "loss_per_step",
        "env_steps_this_iter",
        "mean_episode_steps",
        "number of skipped iterations",
        "perf/decode_steps",
        "train_speed(s/step)",
        "batch_size",
        "step_time",
        "number",
        "total_steps",
    ],
)
def test_a_unit_of_something_measured_is_no_count(path: str) -> None:
    found = step_name(path)
    assert found is None or not found.is_guess


def test_a_guess_comes_after_every_known_count_and_before_epochs() -> None:
    groups = [step_name(name) for name in ("kimg", "batch_step", "global_samples", "epoch")]
    told = [step.group for step in groups if step is not None]
    assert len(told) == 4
    assert told == sorted(told)
