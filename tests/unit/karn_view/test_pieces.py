from typing import Any

from karn_view.pieces import continued


def run(id: str, first: float | None, last: float | None, run_id: str = "") -> dict[str, Any]:
    return {
        "id": id,
        "first_record_at": first,
        "last_record_at": last,
        "run_id": run_id or None,
    }


def test_files_of_one_run_id_go_on_with_each_other() -> None:
    runs = [run("c", 50, 60, "x"), run("a", 0, 10, "x"), run("b", 10, 20, "x"), run("d", 70, 80)]
    assert continued(runs, {}) == {"b": "a", "c": "b"}


def test_a_file_made_beside_one_goes_on_with_it_once_that_has_ended() -> None:
    whole, beside = run("whole", 0, 10, "x"), run("beside", 30, 40, "y")
    assert continued([whole, beside], {"beside": "whole"}) == {"beside": "whole"}


def test_processes_side_by_side_are_no_pieces() -> None:
    whole, rank = run("whole", 0, 40, "x"), run("rank", 1, 20, "y")
    later = run("later", 50, 60, "z")
    assert continued([whole, rank, later], {"rank": "whole", "later": "whole"}) == {}


def test_a_copy_of_a_run_is_no_piece_of_it() -> None:
    assert continued([run("a", 0, 10, "x"), run("copy", 0, 10, "x")], {}) == {}


def test_without_a_sign_or_a_clock_nothing_goes_on() -> None:
    assert continued([run("a", 0, 10), run("b", 20, 30)], {}) == {}
    assert continued([run("a", None, None, "x"), run("b", 20, 30, "x")], {}) == {}


def test_a_file_of_two_signs_is_a_piece_of_one_training() -> None:
    runs = [
        run("whole", 0, 10, "x"),
        run("a", 20, 30, "x"),
        run("b", 40, 50, "y"),
    ]
    assert continued(runs, {"a": "whole", "b": "whole"}) == {"a": "whole"}
