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
