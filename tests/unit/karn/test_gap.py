from hypothesis import given
from hypothesis import strategies as st

from karn.gap import Gap


def test_a_gap_without_losses_is_none() -> None:
    assert not Gap()


def test_neighbouring_losses_are_one_range() -> None:
    gap = Gap()
    for seq in (3, 4, 7):
        gap.add(seq, seq)
    assert gap.data()["ranges"] == [[3, 4], [7, 7]]
    assert (gap.data()["first_seq"], gap.data()["last_seq"], gap.count) == (3, 7, 3)


def test_the_first_reason_is_kept() -> None:
    gap = Gap()
    gap.explain("disk full", 28)
    gap.explain("later", None)
    gap.add(0, 0)
    assert (gap.data()["reason"], gap.data()["errno"]) == ("disk full", 28)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), min_size=1))
def test_every_lost_seq_is_in_exactly_one_range(losses: list[tuple[int, int]]) -> None:
    gap = Gap()
    for first, more in losses:
        gap.add(first, first + more)
    told = [seq for first, last in gap.data()["ranges"] for seq in range(first, last + 1)]
    assert told == sorted({seq for first, more in losses for seq in range(first, first + more + 1)})
    assert gap.count == len(told)
