import asyncio

from karn_view.server.turns import Turns


async def rounds_of(turns: Turns, tasks: int) -> list[int]:
    """In which round of the event loop each of some tasks goes on that become ready in one."""
    loop, now, found = asyncio.get_running_loop(), 0, [-1] * tasks

    def count() -> None:
        nonlocal now
        now += 1
        loop.call_soon(count)

    async def go_on(number: int) -> None:
        await turns.wait()
        found[number] = now

    count()
    async with asyncio.TaskGroup() as group:
        for number in range(tasks):
            group.create_task(go_on(number))
    return found


def test_no_more_than_so_many_go_on_in_one_round_and_in_order() -> None:
    found = asyncio.run(rounds_of(Turns(3), 10))
    assert found == sorted(found)
    assert max(map(found.count, found)) == 3


def test_a_few_go_on_at_once() -> None:
    assert len({*asyncio.run(rounds_of(Turns(3), 3))}) == 1


def test_who_gives_up_waiting_takes_no_turn() -> None:
    async def tell() -> list[str]:
        turns, went = Turns(1), list[str]()

        async def go_on(name: str) -> None:
            await turns.wait()
            went.append(name)

        tasks = [asyncio.create_task(go_on(name)) for name in "abcd"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        tasks[2].cancel()
        await asyncio.wait(tasks)
        await turns.wait()
        return went

    assert asyncio.run(tell()) == ["a", "d"]
