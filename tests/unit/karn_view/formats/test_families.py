from itertools import product

from karn_view.formats.families import families

HEADS = ("op", "slot", "alpha_target", "alpha_curve")


def labels(*charts: str) -> dict[str, tuple[str, str]]:
    return {chart: member[:2] for chart, member in families(charts).items()}


def test_things_and_measures_are_told_apart_behind_the_name_of_their_kind() -> None:
    names = [f"ppo/head_{head}_{of}" for head, of in product(HEADS, ("entropy", "grad_norm"))]
    found = labels(*names, "ppo/entropy", "ppo/grad_norm", "ppo/head_value_grad_norm")
    assert len(found) == 9
    assert found["ppo/head_alpha_target_entropy"] == ("ppo/head_entropy", "alpha_target")
    assert found["ppo/head_slot_grad_norm"] == ("ppo/head_grad_norm", "slot")
    assert found["ppo/head_value_grad_norm"] == ("ppo/head_grad_norm", "value")


def test_a_folder_may_name_the_kind() -> None:
    names = [f"layers/conv{n}_{of}" for n, of in product(range(4), ("mean", "std"))]
    assert labels(*names)["layers/conv2_std"] == ("layers/std", "conv2")


def test_parameters_and_constants_are_members_of_their_folder() -> None:
    found = labels("grads/fc.weight", "grads/fc.bias", "grads/rnn.weight_hh_l0", "q/A1", "q/B_C")
    assert found == {f"grads/{name}": ("grads", name) for name in PARAMETERS}


PARAMETERS = ("fc.weight", "fc.bias", "rnn.weight_hh_l0")


def test_measures_of_unlike_things_are_not_laid_over_each_other() -> None:
    names = [f"train/{what}_{of}" for what, of in product(("loss", "acc", "lr"), ("mean", "std"))]
    assert labels(*names, "loss", "seed_a_b", "head/loss", "head/acc", "head/lr") == {}


def test_one_measure_alone_does_not_tell_where_a_thing_ends() -> None:
    assert labels(*(f"heads/{head}_entropy" for head in HEADS)) == {}
