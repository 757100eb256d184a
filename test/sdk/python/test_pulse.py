"""When a pulse beats, and what it says of the event loop."""

import asyncio
import threading
import time
import unittest

from kit import reporting, wait_for
from laststep.loop_watch import LOOPS_MAX, LoopWatch
from laststep.pulse import PulseState, next_beat

PULSE = "laststep.pulse"


class Deciding(unittest.TestCase):
    def test_when_it_is_time_to_beat(self) -> None:
        calm = PulseState(seq=3, beat_at=10_000, looked_at=14_900)
        blocked = PulseState(seq=3, beat_at=10_000, looked_at=14_900, blocked=True)
        # fmt: off
        cases = [
            # name                                      state         late_ms  now      beat    blocked_ms
            ("the first look beats",                    PulseState(),       0,  1_000,  True,   0),
            ("before the interval it does not",         calm,               0, 14_999,  False,  0),
            ("at the interval it does",                 calm,               0, 15_000,  True,   0),
            ("a loop a little late is no news",         calm,             400, 14_999,  False,  0),
            ("half a second late is said, in time",     calm,             600, 15_000,  True,   600),
            ("a blocked loop is told at once",          calm,           1_001, 14_999,  True,   1_001),
            ("and not again and again",                 blocked,        3_000, 14_999,  False,  3_000),
            ("but at the interval as ever",             blocked,        3_000, 15_000,  True,   3_000),
            ("that it turns again is told at once",     blocked,            0, 14_999,  True,   0),
            ("a late look accuses nobody",              calm,           9_000, 15_500,  True,   0),
        ]
        # fmt: on
        for name, state, late_ms, now, beat, blocked_ms in cases:
            with self.subTest(name):
                look = next_beat(state, late_ms, 5_000, now)
                self.assertEqual((look.beat, look.blocked_ms), (beat, blocked_ms))
                self.assertEqual(look.state.seq, state.seq + beat)


class Watching(unittest.TestCase):
    def test_a_loop_that_is_blocked_is_seen_and_one_that_does_not_run_is_not(self) -> None:
        watch = LoopWatch()
        loop = asyncio.new_event_loop()
        watch.see(loop)
        self.assertEqual((watch.look(), watch.look()), (0.0, 0.0))
        self.assertIsNone(watch.take_delay_p99_ms())

        thread = threading.Thread(target=lambda: loop.run_until_complete(_block_and_turn()))
        thread.start()
        time.sleep(0.05)
        watch.look()
        time.sleep(0.2)
        self.assertGreater(watch.look(), 150)
        thread.join()
        self.assertGreater(watch.take_delay_p99_ms() or 0, 150)
        self.assertEqual(watch.look(), 0.0)
        loop.close()
        self.assertEqual(watch.look(), 0.0)

    def test_loops_that_were_left_behind_give_way(self) -> None:
        watch = LoopWatch()
        left = [asyncio.new_event_loop() for _ in range(LOOPS_MAX)]
        for loop in left:
            watch.see(loop)

        async def look() -> float | None:
            watch.see(asyncio.get_running_loop())
            watch.look()
            await asyncio.sleep(0.01)
            return watch.take_delay_p99_ms()

        self.assertIsNotNone(asyncio.run(look()))
        for loop in left:
            loop.close()


class Beating(unittest.TestCase):
    def test_it_lists_the_open_spans_and_counts_its_beats(self) -> None:
        with reporting(pulse_ms=200) as (receiver, reporter, provider):
            span = provider.get_tracer("shop").start_span("a: b")
            wait_for(lambda: len(receiver.records(PULSE)) >= 2)
            context = span.get_span_context()
            listed = f"{context.trace_id:032x}:{context.span_id:016x}::{span.start_time}:a: b"
            self.assertEqual(receiver.records(PULSE)[1].attributes["laststep.pulse.open"], [listed])
            span.end()
            wait_for(lambda: receiver.records(PULSE)[-1].attributes["laststep.pulse.open"] == [])
            reporter.stop()
            said = [record.attributes for record in receiver.records(PULSE)]
            self.assertEqual([each["laststep.pulse.seq"] for each in said], list(range(1, len(said) + 1)))
            self.assertEqual({each["laststep.pulse.interval_ms"] for each in said}, {200})
            self.assertEqual([each.get("laststep.pulse.last") for each in said], [None] * (len(said) - 1) + [True])

    def test_a_blocked_loop_still_beats_and_says_so(self) -> None:
        with reporting(pulse_ms=60_000, code_location="off") as (receiver, _, provider):

            async def block() -> None:
                with provider.get_tracer("shop").start_as_current_span("crunch"):
                    # The loop is known from the span on; let it be asked once before it stops answering.
                    await asyncio.sleep(0.3)
                    time.sleep(1.6)
                    await asyncio.sleep(0.4)

            asyncio.run(block())
            blocked = [record.attributes["laststep.pulse.loop_blocked_ms"] for record in receiver.records(PULSE)]
            self.assertEqual(len(blocked), 3, blocked)
            self.assertEqual((blocked[0], blocked[2]), (0, 0))
            self.assertGreater(blocked[1], 1_000)


async def _block_and_turn() -> None:
    await asyncio.sleep(0)
    time.sleep(0.4)
    await asyncio.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
