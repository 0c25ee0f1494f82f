"""A few seconds of what `nox -s soak` does for as long as it is asked."""

from pathlib import Path

import pytest
from soak import Sample, Soak, check_delivery, check_growth, table


def test_whatever_is_done_to_the_file_every_page_gets_every_step_once(tmp_path: Path) -> None:
    soak = Soak(tmp_path, seed=1)
    soak.run(seconds=6)
    assert soak.committed > 1_000
    check_delivery(soak)
    assert len([*table(soak.samples)]) > 1


def sampled(**grown: float) -> list[Sample]:
    first = Sample(0, 0, 1, 80.0, 13, 10)
    return [
        first._replace(
            at_s=n, **{name: getattr(first, name) + n * by for name, by in grown.items()}
        )
        for n in range(60)
    ]


def test_what_stays_as_it_is_has_not_grown() -> None:
    check_growth(sampled())


@pytest.mark.parametrize("what", ["rss_mib", "descriptors", "threads"])
def test_what_grows_all_along_is_told(what: str) -> None:
    with pytest.raises(AssertionError):
        check_growth(sampled(**{what: 1}))
