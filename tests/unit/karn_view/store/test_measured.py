import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from karn_view.store.measured import Measured, extend

NAMES = "abcd"


class Series:
    def __init__(self, measured: Measured) -> None:
        self.measured = measured


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3)), max_size=20))
def test_each_has_its_own_rows_whoever_shares_them(batches: list[dict[str, int]]) -> None:
    nothing = Measured(len(NAMES))
    series = {name: Series(nothing) for name in NAMES}
    rows: dict[str, list[int]] = {name: [] for name in NAMES}
    for first, batch in enumerate(batches):
        new = {name: [10 * first + n for n in range(count)] for name, count in batch.items()}
        extend((series[name], np.array(added)) for name, added in new.items())
        for name, added in new.items():
            rows[name] += added
    assert rows == {name: one.measured.rows.tolist() for name, one in series.items()}
    shared = [one.measured for one in series.values()]
    assert all(one.users == shared.count(one) for one in shared)


def test_those_always_measured_together_share_one_column() -> None:
    both = Measured(2)
    first, second = Series(both), Series(both)
    for row in range(3):
        extend((series, np.array([row])) for series in (first, second))
    assert first.measured is second.measured
    extend([(first, np.array([3]))])
    assert first.measured is not second.measured
    assert second.measured.rows.tolist() == [0, 1, 2]
