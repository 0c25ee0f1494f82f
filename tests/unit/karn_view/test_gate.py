import threading

from karn_view.gate import Gate

SOON_S = 0.01
NEVER_S = 60.0


def test_no_more_than_so_many_pass_at_a_time() -> None:
    gate, inside, most = Gate(2, NEVER_S), set[int](), list[int]()
    both = threading.Barrier(2)

    def pass_through(number: int) -> None:
        with gate.passing():
            inside.add(number)
            both.wait(timeout=10)
            most.append(len(inside))
            both.wait(timeout=10)
            inside.remove(number)

    threads = [threading.Thread(target=pass_through, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2] * 8


def test_those_inside_that_never_come_out_hold_nobody_up_for_long() -> None:
    gate, through = Gate(1, SOON_S), threading.Event()

    def pass_through() -> None:
        with gate.passing():
            through.set()

    with gate.passing():
        other = threading.Thread(target=pass_through)
        other.start()
        assert through.wait(timeout=10)
        other.join()
    with gate.passing():  # who was let in without a place gives none back
        other = threading.Thread(target=pass_through)
        through.clear()
        other.start()
        assert through.wait(timeout=10)
        other.join()
