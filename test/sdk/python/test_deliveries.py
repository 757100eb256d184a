"""How far messages get, as records."""

import json
import unittest
from typing import Any

import laststep
from kit import Record, reporting

DELIVERY = "laststep.delivery"


def rows_of(record: Record) -> list[Any]:
    return json.loads(record.raw["body"]["stringValue"])


class Delivering(unittest.TestCase):
    def test_messages_of_a_run_over_one_connection_travel_in_one_record(self) -> None:
        with reporting(flush_ms=10_000) as (receiver, reporter, provider):
            deliveries = laststep.DeliveryRecorder(reporter=reporter)
            with provider.get_tracer("shop").start_as_current_span("terminal") as span:
                first = deliveries.message("run_1", 4, "agent_finalizing", "conn_1", at=1_700_000_000_000_000_000)
                message = deliveries.message("run_1", 5, "agent_completed", "conn_1", size=120, tool_call_id="call_1")
            other = deliveries.message("run_1", 6, "agent_error", None, attempt=2)
            first.reach("written", 1_700_000_000_002_500_000)
            first.reach("written", 1_700_000_000_009_000_000)
            message.route(1)
            other.drop("no-target")
            reporter.flush()
            message.reach("received")
            message.fail(OSError("gone"))
            reporter.flush()

            sent, dropped, later = receiver.records(DELIVERY)
            key = {"laststep.run.id": "run_1", "laststep.delivery.epoch": reporter.instance_id}
            to_connection = {**key, "laststep.connection.id": "conn_1"}
            self.assertEqual(sent.attributes, to_connection)
            self.assertEqual(sent.raw["spanId"], f"{span.get_span_context().span_id:016x}")
            self.assertEqual(sent.raw["timeUnixNano"], "1700000000000000000")
            finalizing, completed = rows_of(sent)
            self.assertEqual(finalizing, [4, "agent_finalizing", {"emitted": 0, "written": 2_500}])
            seq, event, states, more = completed
            self.assertEqual((seq, event, list(states)), (5, "agent_completed", ["emitted", "routed"]))
            self.assertEqual(more, {"targets": 1, "bytes": 120, "tool_call_id": "call_1"})

            self.assertEqual(dropped.attributes, key)
            self.assertNotIn("spanId", dropped.raw)
            [[seq, _, states, more]] = rows_of(dropped)
            self.assertEqual((seq, list(states)), (6, ["emitted", "dropped"]))
            self.assertEqual(more, {"attempt": 2, "reason": "no-target"})

            # What never changes is told once.
            self.assertEqual(later.attributes, to_connection)
            [[seq, _, states, more]] = rows_of(later)
            self.assertEqual((seq, list(states), more), (5, ["received", "failed"], {"reason": "gone"}))

    def test_a_record_has_so_many_messages_and_no_more(self) -> None:
        with reporting(flush_ms=10_000) as (receiver, reporter, _):
            deliveries = laststep.DeliveryRecorder(reporter=reporter)
            for seq in range(1, 71):
                deliveries.message("run_1", seq, "agent_thinking", "conn_1")
            reporter.flush()
            seqs = [[row[0] for row in rows_of(record)] for record in receiver.records(DELIVERY)]
            self.assertEqual(seqs, [list(range(1, 65)), list(range(65, 71))])

    def test_connections(self) -> None:
        with reporting() as (receiver, reporter, _):
            laststep.record_connection("conn_1", "ready", user_id="ada", acks=True, reporter=reporter)
            laststep.record_connection("conn_1", "closed", close_code=1006, closed_by="network", reporter=reporter)
            reporter.flush()
            said = [record.attributes for record in receiver.records("laststep.connection")]
            key = {"laststep.connection.id": "conn_1"}
            self.assertEqual(
                said,
                [
                    {
                        **key,
                        "laststep.connection.state": "ready",
                        "user.id": "ada",
                        "laststep.connection.acks": True,
                    },
                    {
                        **key,
                        "laststep.connection.state": "closed",
                        "laststep.connection.close_code": 1006,
                        "laststep.connection.close_by": "network",
                    },
                ],
            )


if __name__ == "__main__":
    unittest.main()
