"""A collector that refuses, comes late or is not there."""

import time
import unittest

from opentelemetry.sdk.trace import TracerProvider

import laststep
from kit import Receiver, reporting, wait_for
from laststep.export_queue import ExportQueue
from laststep.post_json import Poster


class Queueing(unittest.TestCase):
    def setUp(self) -> None:
        self.receiver = Receiver()
        self.queue = ExportQueue(Poster(f"{self.receiver.url}/x", {}, 5.0), lambda items: f"[{','.join(items)}]", 3)

    def tearDown(self) -> None:
        self.queue.close()
        self.receiver.stop()

    def test_what_is_put_off_is_sent_again(self) -> None:
        self.receiver.refusals = [503, 429]
        self.queue.add("1")
        self.queue.send(hurry=True)
        self.queue.send(hurry=False)
        self.assertEqual((self.queue.stats().failed_requests, self.receiver.refusals), (1, [429]))
        self.queue.send(hurry=True)
        self.queue.send(hurry=True)
        self.assertEqual(self.receiver.requests, [("/x", [1])])
        self.assertEqual((self.queue.stats().sent, self.queue.stats().dropped), (1, 0))

    def test_what_is_refused_makes_room_for_the_next(self) -> None:
        self.receiver.refusals = [400]
        for item in ("1", "2", "3", "4"):
            self.queue.add(item)
        self.queue.send(hurry=False)
        # The fourth did not fit, the other three were refused together.
        self.assertEqual((self.queue.stats().dropped, self.queue.size), (4, 0))
        self.queue.add("5")
        self.queue.send(hurry=False)
        self.assertEqual(self.receiver.requests, [("/x", [5])])

    def test_a_kept_connection_that_was_closed_meanwhile_is_opened_anew(self) -> None:
        self.receiver.hangs_up = True
        for item in ("1", "2"):
            self.queue.add(item)
            self.queue.send(hurry=False)
            time.sleep(0.05)
        self.assertEqual(self.receiver.requests, [("/x", [1]), ("/x", [2])])
        self.assertEqual(self.queue.stats().failed_requests, 0)


class Absent(unittest.TestCase):
    def test_a_collector_that_is_not_there_delays_nobody(self) -> None:
        with reporting() as (receiver, _, _):
            gone = receiver.url
        reporter = laststep.Reporter(gone, "test", flush_ms=10, pulse_ms=0, queue_max=5)
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(laststep.OpenSpans(reporter))
        spans = [provider.get_tracer("shop").start_span("a") for _ in range(20)]
        wait_for(lambda: reporter.stats().failed_requests > 0)
        began = time.monotonic()
        for span in spans:
            span.end()
        reporter.stop()
        self.assertLess(time.monotonic() - began, 3.5)

    def test_finished_spans_that_find_no_room_are_counted(self) -> None:
        with reporting(flush_ms=10_000, queue_max=5) as (receiver, reporter, provider):
            provider.add_span_processor(laststep.FinishedSpans(reporter))
            for _ in range(8):
                provider.get_tracer("shop").start_span("a").end()
            reporter.flush()
            self.assertEqual((len(receiver.spans()), reporter.stats().dropped), (5, 3))

    def test_options_that_cannot_be_used_are_named(self) -> None:
        for endpoint, name, word in (("ftp://x", "a", "endpoint"), ("127.0.0.1:4318", "a", "endpoint")):
            with self.assertRaisesRegex(ValueError, word):
                laststep.Reporter(endpoint, name)
        with self.assertRaisesRegex(ValueError, "service_name"):
            laststep.Reporter(service_name="")


if __name__ == "__main__":
    unittest.main()
