"""Where a hung step stands, for everything Python lets it hang in."""

import asyncio
import threading
import time
import unittest
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from contextlib import aclosing
from typing import Any

from kit import line_of, wait_for
from laststep.stack_now import Stack, Whereabouts, stack_now


async def hang() -> None:
    await asyncio.Event().wait()  # hangs


async def through_a_coroutine() -> None:
    await hang()


async def stream() -> AsyncIterator[int]:
    yield 1
    await asyncio.Event().wait()  # hangs in a stream
    yield 2


async def through_a_stream() -> None:
    async with aclosing(stream()) as chunks:
        async for _ in chunks:
            pass


async def through_anext() -> None:
    async with aclosing(stream()) as chunks:
        await anext(chunks)
        await anext(chunks, None)


async def through_a_task() -> None:
    await asyncio.create_task(hang())


async def through_wait_for() -> None:
    await asyncio.wait_for(hang(), 60)


class Awaitable:
    def __await__(self) -> Generator[Any, None, None]:
        return hang().__await__()


async def through_an_awaitable() -> None:
    await Awaitable()


async def through_gather() -> None:
    await asyncio.gather(hang(), hang())  # gathers


class HungCoroutines(unittest.TestCase):
    def test_the_line_it_awaits(self) -> None:
        cases: list[tuple[Callable[[], Coroutine[Any, Any, None]], str, str]] = [
            # what hangs            the function it hangs in   the line
            (hang, "hang", "hangs"),
            (through_a_coroutine, "hang", "hangs"),
            (through_a_stream, "stream", "hangs in a stream"),
            (through_anext, "stream", "hangs in a stream"),
            (through_a_task, "hang", "hangs"),
            (through_wait_for, "hang", "hangs"),
            (through_an_awaitable, "hang", "hangs"),
            # Several are awaited at once: the line that awaits them all is the truth.
            (through_gather, "through_gather", "gathers"),
        ]
        for work, function, marker in cases:
            with self.subTest(work.__name__):
                stack = asyncio.run(_stack_of_hung(work()))
                place = None if stack is None else stack.innermost_own()
                self.assertIsNotNone(place)
                if place is not None and stack is not None:
                    self.assertEqual((place.function, place.line), (function, line_of(__file__, marker)))
                    self.assertIn(f", in {work.__name__}", stack.text().splitlines()[0])

    def test_a_task_that_is_done_stands_nowhere(self) -> None:
        async def look() -> Stack | None:
            task = asyncio.create_task(asyncio.sleep(0))
            await task
            return stack_now(Whereabouts(threading.get_ident(), None, weakref.ref(task)))

        self.assertIsNone(asyncio.run(look()))

    def test_a_stack_of_very_long_paths_keeps_its_end(self) -> None:
        stack = asyncio.run(_stack_of_hung(_deep(150)))
        self.assertIsNotNone(stack)
        if stack is not None:
            self.assertLess(len(stack.text()), 4_096)
            self.assertIn("in hang", "".join(stack.text().splitlines()[-2:]))


class BusyThreads(unittest.TestCase):
    def test_a_coroutine_that_blocks_its_loop_is_found_on_its_thread(self) -> None:
        started: list[Whereabouts] = []

        async def block() -> None:
            task = asyncio.current_task()
            assert task is not None
            started.append(Whereabouts(threading.get_ident(), block.__code__, weakref.ref(task)))
            time.sleep(0.5)  # blocks

        thread = threading.Thread(target=lambda: asyncio.run(block()))
        thread.start()
        whereabouts = wait_for(lambda: started and started[0])
        time.sleep(0.05)
        stack = stack_now(whereabouts)
        thread.join()
        place = None if stack is None else stack.innermost_own()
        self.assertIsNotNone(place)
        if place is not None:
            self.assertEqual(place.line, line_of(__file__, "blocks"))

    def test_a_thread_that_has_gone_on_to_other_work_says_nothing(self) -> None:
        def left() -> None:
            pass

        here = threading.get_ident()
        this = type(self).test_a_thread_that_has_gone_on_to_other_work_says_nothing.__code__
        self.assertIsNone(stack_now(Whereabouts(here, left.__code__, None)))
        self.assertIsNone(stack_now(Whereabouts(here, None, None)))
        self.assertIsNotNone(stack_now(Whereabouts(here, this, None)))


async def _stack_of_hung(work: Coroutine[Any, Any, None]) -> Stack | None:
    task = asyncio.create_task(work)
    for _ in range(10):
        await asyncio.sleep(0)
    # From another thread, as the reporter looks.
    stack = await asyncio.to_thread(stack_now, Whereabouts(threading.get_ident(), None, weakref.ref(task)))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return stack


async def _deep(depth: int) -> None:
    await (hang() if depth == 0 else _deep(depth - 1))


if __name__ == "__main__":
    unittest.main()
