from typing import Any

from karn_view.views.lives import LIVES_KEPT, LIVES_SHOWN
from telling import Record, epoch, seed, shown, started


def lives(*records: Record) -> list[dict[str, Any]]:
    return list(shown(*records)["lanes"]["lives"])


def stages(life: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(stage[:3]) for stage in life["stages"]]


GERMINATED = seed("GERMINATED", blueprint_id="norm", params=33, alpha=0.0)


def change(to_stage: str, **more: Any) -> Record:
    return seed("STAGE_CHANGED", to_stage=to_stage, **more)


def test_a_life_goes_from_stage_to_stage_along_the_epochs() -> None:
    [life] = lives(
        epoch(1), GERMINATED, epoch(2), change("TRAINING"), epoch(5), change("BLENDING", alpha=0.1)
    )
    assert stages(life) == [
        ("GERMINATED", 1.0, 2.0),
        ("TRAINING", 2.0, 5.0),
        ("BLENDING", 5.0, None),
    ]
    assert (life["blueprint"], life["params"], life["ended"]) == ("norm", 33, None)


def test_a_life_tells_how_far_it_was_blended_in_where_that_changed() -> None:
    told = [
        epoch(n, seeds={"r0c0": {"alpha": alpha}}) for n, alpha in ((2, 0.0), (3, 0.0), (4, 0.5))
    ]
    [life] = lives(epoch(1), GERMINATED, *told)
    assert [tuple(point) for point in life["alphas"]] == [(2.0, 0.0), (4.0, 0.5)]


def test_a_pruned_life_says_who_ended_it_and_why() -> None:
    [life] = lives(
        epoch(1),
        GERMINATED,
        epoch(3),
        change("PRUNED"),
        seed("PRUNED", initiator="governor", reason="no gain", improvement=-2.0),
        epoch(4),
        change("DORMANT"),
    )
    assert (life["ended"], life["ended_by"], life["why"]) == ("PRUNED", "governor", "no gain")
    assert stages(life)[-1] == ("PRUNED", 3.0, 4.0)


def test_an_automatic_prune_of_older_files_has_an_author() -> None:
    [life] = lives(GERMINATED, seed("CULLED", auto_pruned=True))
    assert (life["ended"], life["ended_by"]) == ("PRUNED", "auto")


def test_an_episode_ends_its_lives_where_it_ends() -> None:
    [life] = lives(epoch(1), GERMINATED, epoch(7), epoch(1))
    assert stages(life) == [("GERMINATED", 1.0, 7.0)]
    assert life["ended"] == "EPISODE"


def test_a_new_training_ends_all_lives() -> None:
    [life] = lives(epoch(4), GERMINATED, started())
    assert (life["ended"], stages(life)) == ("EPISODE", [("GERMINATED", 4.0, 4.0)])


def test_environments_have_lanes_of_their_own() -> None:
    first, second = lives(GERMINATED, seed("GERMINATED", env=1), seed("PRUNED", env=1))
    assert (first["ended"], second["ended"]) == (None, "PRUNED")


def test_a_life_whose_beginning_was_lost_begins_where_it_is_first_heard_of() -> None:
    [life] = lives(epoch(3), change("BLENDING"))
    assert stages(life) == [("BLENDING", 3.0, None)]
    assert lives(change("EMBARGOED")) == []


def test_memory_is_bounded_and_what_is_not_shown_is_counted() -> None:
    count = LIVES_KEPT + 10
    lanes = shown(*(seed("GERMINATED") for _ in range(count)))["lanes"]
    assert len(lanes["lives"]) == LIVES_SHOWN
    assert lanes["older"] == count - LIVES_SHOWN
