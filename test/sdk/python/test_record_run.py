"""Runs and phases as spans and records, in and outside asyncio."""

import asyncio
import threading
import unittest

from opentelemetry import trace

import laststep
from kit import read_attributes, reporting


class Recording(unittest.TestCase):
    def test_a_run_with_its_phases(self) -> None:
        with reporting() as (receiver, reporter, provider):
            provider.add_span_processor(laststep.FinishedSpans(reporter))
            options = {"reporter": reporter, "tracer": provider.get_tracer("shop")}
            with laststep.record_run("run_1", "support", user_id="ada", session_id="s1", **options) as run:
                run.accepted()
                run.queued("no free worker")
                with run.phase("reasoning", "gpt") as chat:
                    run.progress(chat)
                    run.progress(chat, 2)
                    self.assertIs(trace.get_current_span(), chat)
                with run.phase("waiting"):
                    run.waiting("approval")
                    run.resumed()
                run.ended("succeeded")
            reporter.flush()

            spans = {span["name"]: span for span in receiver.spans()}
            self.assertEqual(set(spans), {"invoke_agent support", "chat gpt", "waiting"})
            said = read_attributes(spans["invoke_agent support"]["attributes"])
            identity = {
                "laststep.run.id": "run_1",
                "gen_ai.agent.name": "support",
                "user.id": "ada",
                "session.id": "s1",
                "gen_ai.conversation.id": "s1",
            }
            self.assertEqual(said, {"gen_ai.operation.name": "invoke_agent", **identity})
            chat_said = read_attributes(spans["chat gpt"]["attributes"])
            self.assertEqual(chat_said["laststep.progress"], 3)
            self.assertEqual(chat_said["laststep.phase"], "reasoning")
            self.assertEqual(spans["chat gpt"]["parentSpanId"], spans["invoke_agent support"]["spanId"])
            self.assertIs(read_attributes(spans["waiting"]["attributes"])["laststep.waiting"], True)

            records = receiver.records("laststep.run")
            states = [record.attributes["laststep.run.state"] for record in records]
            self.assertEqual(states, ["accepted", "queued", "waiting", "resumed", "ended"])
            self.assertEqual(records[1].attributes["laststep.run.reason"], "no free worker")
            self.assertEqual(records[2].attributes["laststep.run.reason"], "approval")
            self.assertEqual(records[4].attributes["laststep.run.outcome"], "succeeded")
            self.assertEqual({record.raw["spanId"] for record in records}, {spans["invoke_agent support"]["spanId"]})
            self.assertEqual(records[0].attributes | identity, records[0].attributes)

    def test_what_the_work_raises_is_recorded_and_raised_on(self) -> None:
        for work in (_fail, lambda *args: asyncio.run(_fail_in_asyncio(*args))):
            with self.subTest(work), reporting() as (receiver, reporter, provider):
                provider.add_span_processor(laststep.FinishedSpans(reporter))
                with self.assertRaisesRegex(KeyError, "order"):
                    work(reporter, provider.get_tracer("shop"))
                reporter.flush()
                self.assertEqual([span["name"] for span in receiver.spans()], ["execute_tool find", "invoke_agent a"])
                for span in receiver.spans():
                    self.assertEqual(span["status"]["code"], 2)
                    self.assertEqual(span["events"][0]["name"], "exception")
                    self.assertEqual(read_attributes(span["attributes"])["error.type"], "KeyError")

    def test_a_phase_in_a_thread_of_its_own_belongs_to_the_run(self) -> None:
        with reporting() as (receiver, reporter, provider):
            provider.add_span_processor(laststep.FinishedSpans(reporter))
            with laststep.record_run("r", "a", reporter=reporter, tracer=provider.get_tracer("shop")) as run:

                def tool() -> None:
                    with run.phase("tool", "t"):
                        pass

                thread = threading.Thread(target=tool)
                thread.start()
                thread.join()
            reporter.flush()
            tool_span, run_span = receiver.spans()
            self.assertEqual(tool_span["parentSpanId"], run_span["spanId"])

    def test_without_a_reporter_it_says_what_to_do(self) -> None:
        with self.assertRaisesRegex(RuntimeError, r"install\(\)"):
            laststep.record_run("r", "a")


def _fail(reporter: laststep.Reporter, tracer: trace.Tracer) -> None:
    with laststep.record_run("r", "a", reporter=reporter, tracer=tracer) as run, run.phase("tool", "find"):
        raise KeyError("order")


async def _fail_in_asyncio(reporter: laststep.Reporter, tracer: trace.Tracer) -> None:
    async with laststep.record_run("r", "a", reporter=reporter, tracer=tracer) as run, run.phase("tool", "find"):
        await asyncio.sleep(0)
        raise KeyError("order")


if __name__ == "__main__":
    unittest.main()
