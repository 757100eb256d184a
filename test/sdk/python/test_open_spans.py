"""What is told of a span, and when."""

import asyncio
import os
import sys
import threading
import time
import unittest
from itertools import pairwise

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

import laststep
from kit import Receiver, Record, line_of, reporting, wait_for

START, SNAPSHOT, END = "laststep.span.start", "laststep.span.snapshot", "laststep.span.end"


class Telling(unittest.TestCase):
    def test_a_span_is_told_while_it_is_open_without_an_end(self) -> None:
        with reporting() as (receiver, reporter, provider):
            span = provider.get_tracer("shop", "1.2").start_span("execute_tool search", attributes={"attempt": 3})
            start = wait_for(lambda: receiver.records(START))[0]
            context = span.get_span_context()
            self.assertEqual(start.raw["traceId"], f"{context.trace_id:032x}")
            self.assertEqual(start.raw["spanId"], f"{context.span_id:016x}")
            self.assertEqual((start.span["traceId"], start.span["spanId"]), (start.raw["traceId"], start.raw["spanId"]))
            self.assertNotIn("endTimeUnixNano", start.span)
            self.assertEqual(start.raw["timeUnixNano"], start.span["startTimeUnixNano"])
            self.assertEqual(start.attributes["laststep.seq"], 1)
            self.assertEqual(start.attributes["partial.event"], "heartbeat")
            self.assertEqual(start.resource["service.instance.id"], reporter.instance_id)
            self.assertEqual(start.span_attributes["attempt"], 3)
            span.end()

    def test_a_span_that_ends_before_the_flush_costs_nothing(self) -> None:
        with reporting(flush_ms=150) as (receiver, _, provider):
            provider.get_tracer("shop").start_span("quick").end()
            slow = provider.get_tracer("shop").start_span("slow")
            wait_for(lambda: receiver.records(START))
            slow.end()
            wait_for(lambda: receiver.records(END))
            self.assertEqual({record.span["name"] for record in receiver.records()}, {"slow"})

    def test_it_is_told_again_when_something_about_it_changed_and_only_then(self) -> None:
        with reporting() as (receiver, _, provider):
            span = provider.get_tracer("shop").start_span("a")
            tell = lambda count: wait_for(lambda: len(receiver.records()) >= count and receiver.records()[-1])  # noqa: E731
            tell(1)
            time.sleep(0.2)
            self.assertEqual(len(receiver.records()), 1)
            span.set_attribute("cause", "x")
            self.assertEqual(tell(2).span_attributes["cause"], "x")
            span.add_event("seen", {"by": "me"})
            self.assertEqual([event["name"] for event in tell(3).span["events"]], ["seen"])
            span.update_name("b")
            self.assertEqual(tell(4).span["name"], "b")
            span.end()
            end = tell(5)
            self.assertEqual(
                [record.event for record in receiver.records()], [START, SNAPSHOT, SNAPSHOT, SNAPSHOT, END]
            )
            self.assertEqual([record.attributes["laststep.seq"] for record in receiver.records()], [1, 2, 3, 4, 5])
            self.assertEqual(end.attributes["partial.event"], "stop")
            self.assertEqual(end.span["endTimeUnixNano"], end.raw["timeUnixNano"])
            self.assertNotIn("laststep.stop_reason", end.attributes)
            # What was told before is a copy: it does not know what came after.
            self.assertNotIn("cause", receiver.records()[0].span_attributes)

    def test_progress_alone_is_told_once_a_second(self) -> None:
        with reporting() as (receiver, _, provider):
            span = provider.get_tracer("shop").start_span("stream")
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                span.set_attribute("laststep.progress", time.monotonic_ns())
                time.sleep(0.01)
            span.end()
            wait_for(lambda: receiver.records(END))
            # One by its progress; one more when the line the thread stands at was seen to change.
            self.assertIn(len(receiver.records(SNAPSHOT)), (1, 2, 3))

    def test_spans_nobody_is_to_hear_of_are_not_told(self) -> None:
        class RecordOnly(Sampler):
            def should_sample(self, *_: object, **__: object) -> SamplingResult:
                return SamplingResult(Decision.RECORD_ONLY)

            def get_description(self) -> str:
                return "record only"

        with reporting() as (receiver, reporter, _):
            provider = TracerProvider(sampler=RecordOnly(), shutdown_on_exit=False)
            provider.add_span_processor(laststep.OpenSpans(reporter))
            span = provider.get_tracer("shop").start_span("unheard")
            reporter.wake()
            reporter.flush()
            span.end()
            self.assertEqual(receiver.records(), [])

    def test_children_name_their_ancestors_and_inherit_the_run(self) -> None:
        with reporting() as (receiver, _, provider):
            tracer = provider.get_tracer("shop")
            run = tracer.start_span("invoke_agent a", attributes={"laststep.run.id": "run_1"})
            tool = tracer.start_span("execute_tool b", trace.set_span_in_context(run))
            inner = tracer.start_span("GET", trace.set_span_in_context(tool))
            wait_for(lambda: len(receiver.records(START)) == 3)
            told = next(record for record in receiver.records(START) if record.span["name"] == "GET")
            self.assertEqual(told.attributes["laststep.run.id"], "run_1")
            self.assertEqual(told.span_attributes["laststep.span.path"], ["invoke_agent a", "execute_tool b", "GET"])
            ids = [f"{span.get_span_context().span_id:016x}" for span in (run, tool)]
            self.assertEqual(told.span_attributes["laststep.span.ids_path"], ids)
            for span in (inner, tool, run):
                span.end()

    def test_an_orderly_stop_says_goodbye_to_every_open_span(self) -> None:
        with reporting(pulse_ms=10_000) as (receiver, reporter, provider):
            span = provider.get_tracer("shop").start_span("a")
            wait_for(lambda: receiver.records(START))
            provider.shutdown()
            end = receiver.records(END)[0]
            self.assertEqual(end.attributes["laststep.stop_reason"], "shutdown")
            self.assertNotIn("endTimeUnixNano", end.span)
            self.assertIs(receiver.records("laststep.pulse")[-1].attributes["laststep.pulse.last"], True)
            provider.get_tracer("shop").start_span("too late")
            self.assertTrue(reporter.is_stopping)
            span.end()

    def test_what_was_lost_is_told_again_once_there_is_room(self) -> None:
        with reporting(queue_max=2) as (receiver, reporter, provider):
            receiver.refusals = [400]
            spans = [provider.get_tracer("shop").start_span(f"s{number}") for number in range(4)]
            # The first batch is refused for good; every span is heard of all the same.
            wait_for(lambda: {record.span["name"] for record in receiver.records()} == {"s0", "s1", "s2", "s3"})
            self.assertGreater(reporter.stats().dropped, 0)
            for span in spans:
                span.end()


class Threads(unittest.TestCase):
    def test_whatever_threads_do_meanwhile_every_span_told_of_is_told_to_have_ended(self) -> None:
        # Threads change places as often as they can.
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-6)
        with reporting(flush_ms=1) as (receiver, reporter, provider):
            tracer = provider.get_tracer("shop")

            def work() -> None:
                for number in range(500):
                    span = tracer.start_span("a")
                    for key in range(number % 7):
                        span.set_attribute(f"key{key}", number)
                        time.sleep(0.0005)
                    span.end()

            threads = [threading.Thread(target=work) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            reporter.flush()
            seqs: dict[str, list[int]] = {}
            for record in receiver.records():
                seqs.setdefault(record.raw["spanId"], []).append(record.attributes["laststep.seq"])
            ended = {record.raw["spanId"] for record in receiver.records(END) if "endTimeUnixNano" in record.span}
            self.assertGreater(len(seqs), 20)
            self.assertEqual(set(seqs), ended)
            self.assertEqual([each for each in seqs.values() if each != sorted(set(each))], [])
            self.assertEqual(reporter.stats().dropped, 0)


class Places(unittest.TestCase):
    def test_the_line_that_started_it_then_the_line_it_awaits(self) -> None:
        with reporting() as (receiver, _, provider):

            async def tool() -> None:
                with provider.get_tracer("shop").start_as_current_span("tool"):  # starts
                    await asyncio.sleep(0.15)  # sleeps first
                    await asyncio.sleep(1.5)  # hangs then

            asyncio.run(tool())
            wait_for(lambda: receiver.records(END))
            places = [_place(record) for record in receiver.records()]
            lines = [line_of(__file__, marker) for marker in ("sleeps first", "hangs then", "starts")]
            function = ".tool" if hasattr(tool.__code__, "co_qualname") else "tool"
            for (file, line, name), expected in zip(places, lines, strict=True):
                self.assertEqual((file, line), (os.path.relpath(__file__), expected))
                self.assertTrue(name.endswith(function), name)
            stacks = [record.span_attributes.get("code.stacktrace") for record in receiver.records()]
            self.assertIn(f"line {lines[1]}, in", stacks[1])
            self.assertIsNone(stacks[2])

    def test_a_thread_that_hangs_outside_asyncio(self) -> None:
        with reporting() as (receiver, _, provider):
            release = threading.Event()

            def tool() -> None:
                with provider.get_tracer("shop").start_as_current_span("tool"):
                    release.wait()  # waits on a thread

            thread = threading.Thread(target=tool)
            thread.start()
            start = wait_for(lambda: receiver.records(START))[0]
            release.set()
            thread.join()
            self.assertEqual(_place(start)[1], line_of(__file__, "waits on a thread"))

    def test_only_the_innermost_open_step_stands_where_the_work_is(self) -> None:
        with reporting() as (receiver, _, provider):
            tracer = provider.get_tracer("shop")

            async def run() -> None:
                with tracer.start_as_current_span("run"), tracer.start_as_current_span("tool"):  # starts both
                    await asyncio.sleep(0.3)

            asyncio.run(run())
            wait_for(lambda: len(receiver.records(END)) == 2)
            outer = next(record for record in receiver.records(START) if record.span["name"] == "run")
            self.assertEqual(_place(outer)[1], line_of(__file__, "starts both"))
            self.assertNotIn("code.stacktrace", outer.span_attributes)

    def test_what_the_user_said_is_never_changed(self) -> None:
        with reporting(code_location="always") as (receiver, _, provider):
            said = {"code.file.path": "mine.py", "code.line.number": 7}
            span = provider.get_tracer("shop").start_span("a", attributes=said)
            start = wait_for(lambda: receiver.records(START))[0]
            self.assertEqual(_place(start)[:2], ("mine.py", 7))
            span.end()

    def test_always_writes_the_line_on_the_span_and_off_tells_none(self) -> None:
        for option, has_place in (("always", True), ("open", False), ("off", False)):
            with self.subTest(option), reporting(code_location=option) as (receiver, _, provider):
                span = provider.get_tracer("shop").start_span("a")
                start = wait_for(lambda: receiver.records(START))[0]
                self.assertEqual("code.file.path" in span.attributes, has_place)
                self.assertEqual("code.file.path" in start.span_attributes, option != "off")
                span.end()


class OtherCollectors(unittest.TestCase):
    def test_the_format_a_g_research_collector_reads(self) -> None:
        """Its fields as their collector's source reads them: a heartbeat is good for `partial.frequency`, so every open
        span is sent again by then, whole, in the same form; `stop` takes it away."""
        with reporting(compat="g-research", pulse_ms=300) as (receiver, _, provider):
            span = provider.get_tracer("shop").start_span("idle")
            beats = wait_for(lambda: len(_partials(receiver)) >= 4 and _partials(receiver))
            span.end()
            wait_for(lambda: receiver.records(END))
        times = [int(record.raw["timeUnixNano"]) for record in beats[1:]]
        for before, after in pairwise(times):
            self.assertLess((after - before) / 1e6, 2 * 300)
        for record in beats:
            self.assertEqual(record.attributes["partial.event"], "heartbeat")
            self.assertEqual(record.attributes["partial.frequency"], "300ms")
            self.assertEqual(record.attributes["partial.body.type"], "json/v1")
            self.assertEqual((record.raw["severityNumber"], record.raw["severityText"]), (9, "INFO"))
            self.assertEqual(list(record.raw["body"]), ["stringValue"])
            self.assertRegex(record.span["traceId"], "^[0-9a-f]{32}$")
            self.assertRegex(record.span["spanId"], "^[0-9a-f]{16}$")
            self.assertEqual(record.span["traceId"], record.raw["traceId"])
        stop = _partials(receiver)[-1]
        self.assertEqual(stop.attributes["partial.event"], "stop")
        self.assertEqual(stop.attributes["partial.body.type"], "json/v1")
        self.assertNotIn("partial.frequency", stop.attributes)


def _partials(receiver: Receiver) -> list[Record]:
    return [record for record in receiver.records() if "partial.event" in record.attributes]


def _place(record: Record) -> tuple[str, int, str]:
    said = record.span_attributes
    return said["code.file.path"], said["code.line.number"], said.get("code.function.name", "")


if __name__ == "__main__":
    unittest.main()
