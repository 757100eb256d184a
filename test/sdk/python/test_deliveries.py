"""How far messages get, as records."""

import unittest

import laststep
from kit import reporting

DELIVERY = "laststep.delivery"


class Delivering(unittest.TestCase):
    def test_states_between_two_flushes_travel_in_one_record(self) -> None:
        with reporting(flush_ms=10_000) as (receiver, reporter, provider):
            deliveries = laststep.DeliveryRecorder(reporter=reporter)
            with provider.get_tracer("shop").start_as_current_span("terminal") as span:
                message = deliveries.message("run_1", 5, "agent_completed", "conn_1", size=120, tool_call_id="call_1")
            other = deliveries.message("run_1", 6, "agent_error", None, attempt=2)
            message.route(1)
            message.reach("written", 1_700_000_000_000_000_001)
            other.drop("no-target")
            reporter.flush()
            message.reach("received")
            message.fail(OSError("gone"))
            reporter.flush()

            first, dropped, second = receiver.records(DELIVERY)
            key = {
                "laststep.run.id": "run_1",
                "laststep.delivery.seq": 5,
                "laststep.delivery.epoch": reporter.instance_id,
                "laststep.delivery.event": "agent_completed",
                "laststep.connection.id": "conn_1",
                "laststep.delivery.attempt": 1,
            }
            at = first.attributes.pop("laststep.delivery.at")
            self.assertEqual((len(at), at[2]), (3, 1_700_000_000_000_000_001))
            self.assertEqual(
                first.attributes,
                {
                    **key,
                    "laststep.delivery.states": ["emitted", "routed", "written"],
                    "laststep.delivery.targets": 1,
                    "laststep.delivery.bytes": 120,
                    "laststep.delivery.tool_call_id": "call_1",
                },
            )
            self.assertEqual(first.raw["spanId"], f"{span.get_span_context().span_id:016x}")
            self.assertEqual(dropped.attributes["laststep.delivery.states"], ["emitted", "dropped"])
            self.assertEqual(dropped.attributes["laststep.delivery.reason"], "no-target")
            self.assertEqual(dropped.attributes["laststep.delivery.attempt"], 2)
            self.assertNotIn("laststep.connection.id", dropped.attributes)
            self.assertNotIn("spanId", dropped.raw)
            # What never changes is told once.
            second.attributes.pop("laststep.delivery.at")
            told = {"laststep.delivery.states": ["received", "failed"], "laststep.delivery.reason": "gone"}
            self.assertEqual(second.attributes, {**key, **told})

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
