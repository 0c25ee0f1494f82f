from itertools import combinations

import pytest
from growth.attribution import Coalition, coalitions, shapley, worths
from hypothesis import given
from hypothesis import strategies as st

SLOTS = ("a", "b", "c")
ALL = list(coalitions(SLOTS))
worth = st.floats(0.0, 100.0)
games = st.fixed_dictionaries(dict.fromkeys(ALL, worth))


def test_the_host_alone_comes_first_and_every_coalition_once() -> None:
    assert ALL[0] == frozenset()
    assert len(ALL) == len(set(ALL)) == 8


@given(games)
def test_shares_add_up_to_all_together_minus_the_host_alone(game: dict[Coalition, float]) -> None:
    shares = shapley(SLOTS, game)
    total = sum(share.mean for share in shares.values())
    assert total == pytest.approx(game[frozenset(SLOTS)] - game[frozenset()], abs=1e-9)


@given(games)
def test_who_changes_nothing_gets_nothing(game: dict[Coalition, float]) -> None:
    idle = {coalition: game[coalition - {"b"}] for coalition in ALL}
    share = shapley(SLOTS, idle)["b"]
    assert share.mean == 0.0
    assert share.std == 0.0


@given(st.lists(worth, min_size=4, max_size=4))
def test_equals_get_equal_shares(by_size: list[float]) -> None:
    shares = shapley(SLOTS, {coalition: by_size[len(coalition)] for coalition in ALL})
    for one, other in combinations(SLOTS, 2):
        assert shares[one].mean == pytest.approx(shares[other].mean)


def test_the_glove_game_has_its_known_solution() -> None:
    def pair(coalition: Coalition) -> float:
        return float("a" in coalition and bool(coalition & {"b", "c"}))

    shares = shapley(SLOTS, worths(SLOTS, pair))
    assert [shares[name].mean for name in SLOTS] == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert shares["a"].n_samples == 6
