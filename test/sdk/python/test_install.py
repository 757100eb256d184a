"""The two lines, in programs as people have them: each in a process of its own, as the provider is global."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

from kit import Receiver, Record

HERE = Path(__file__).parent

WITHOUT_OPENTELEMETRY = """
import laststep, sys
laststep.install(sys.argv[1], service_name="my-agents")
from opentelemetry import trace
"""

WITH_A_PROVIDER = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, ConsoleSpanExporter
provider = TracerProvider(resource=Resource({"service.name": "theirs", "service.instance.id": "pod-7"}))
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("made before")
import laststep
laststep.install(sys.argv[1])
"""

WORK = """
import time
with trace.get_tracer("app").start_as_current_span("invoke_agent a"):
    time.sleep(0.4)
    left_open = trace.get_tracer("app").start_span("execute_tool hung")
    time.sleep(0.4)
"""

# What servers with workers do: load the program once, then fork.
FORKS = (
    WITHOUT_OPENTELEMETRY
    + """
import os, time
tracer = trace.get_tracer("app")
left_open = tracer.start_span("of the parent")
time.sleep(0.4)
child = os.fork()
if child == 0:
    tracer.start_span("of the child")
    time.sleep(0.4)
    sys.exit()
os.waitpid(child, 0)
"""
)


class Installing(unittest.TestCase):
    def setUp(self) -> None:
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)

    def run_program(self, text: str, **environment: str) -> str:
        program = [sys.executable, "-c", text, self.receiver.url]
        done = subprocess.run(
            program, env={**os.environ, **environment}, capture_output=True, text=True, timeout=30, check=False
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_a_program_without_opentelemetry(self) -> None:
        self.run_program(WITHOUT_OPENTELEMETRY + WORK)
        self._expect_everything_told("my-agents")
        self.assertEqual([span["name"] for span in self.receiver.spans()], ["invoke_agent a"])

    def test_a_program_with_a_provider_keeps_its_exporter_and_its_names(self) -> None:
        printed = self.run_program(WITH_A_PROVIDER + WORK)
        self.assertIn("invoke_agent a", printed)
        self._expect_everything_told("theirs")
        self.assertEqual({record.resource["service.instance.id"] for record in self.receiver.records()}, {"pod-7"})

    def test_finished_spans_are_not_sent_twice(self) -> None:
        self.run_program(WITH_A_PROVIDER + WORK, OTEL_EXPORTER_OTLP_ENDPOINT=self.receiver.url + "/")
        self.assertEqual(self.receiver.spans(), [])
        self._expect_everything_told("theirs")

    def test_finished_spans_are_sent_when_the_environment_names_the_collector_and_nobody_exports_to_it(self) -> None:
        self.run_program(WITHOUT_OPENTELEMETRY + WORK, OTEL_EXPORTER_OTLP_ENDPOINT=self.receiver.url)
        self.assertEqual([span["name"] for span in self.receiver.spans()], ["invoke_agent a"])
        self._expect_everything_told("my-agents")

    def test_a_program_whose_folder_was_removed(self) -> None:
        leave = "import os, tempfile\nfolder = tempfile.mkdtemp()\nos.chdir(folder)\nos.rmdir(folder)"
        self.run_program(f"import laststep\n{leave}\n{WITHOUT_OPENTELEMETRY}{WORK}")
        self._expect_everything_told("my-agents")

    def test_nothing_is_started_before_there_is_something_to_tell(self) -> None:
        text = "import laststep, sys, threading\nlaststep.install(sys.argv[1])\nprint(threading.active_count())"
        self.assertEqual(self.run_program(text), "1\n")
        self.assertEqual(self.receiver.requests, [])

    @unittest.skipUnless(hasattr(os, "fork"), "this system does not fork")
    def test_a_forked_process_is_another_instance_and_tells_its_own_spans_only(self) -> None:
        self.run_program(FORKS, PYTHONWARNINGS="ignore::DeprecationWarning")
        told = [record for record in self.receiver.records() if record.span]
        instances = {record.span["name"]: record.resource["service.instance.id"] for record in told}
        self.assertEqual(set(instances), {"of the parent", "of the child"})
        self.assertEqual(len(set(instances.values())), 2)
        for name, instance in instances.items():
            with self.subTest(name):
                records = [record for record in self.receiver.records() if _instance(record) == instance]
                self.assertEqual({record.span["name"] for record in records if record.span}, {name})
                pulses = [record.attributes for record in records if record.event == "laststep.pulse"]
                listed = [ref.split(":")[4] for pulse in pulses for ref in pulse["laststep.pulse.open"]]
                self.assertEqual(set(listed), {name})
                self.assertEqual(pulses[0]["laststep.pulse.seq"], 1)
                self.assertIs(pulses[-1]["laststep.pulse.last"], True)

    def _expect_everything_told(self, service: str) -> None:
        """The interpreter's own exit is an orderly one: whoever is left open is told goodbye."""
        records = self.receiver.records()
        self.assertEqual({record.resource["service.name"] for record in records}, {service})
        told = [(record.event, record.span["name"]) for record in records if record.span]
        self.assertEqual(
            sorted(told),
            [
                ("laststep.span.end", "execute_tool hung"),
                ("laststep.span.end", "invoke_agent a"),
                ("laststep.span.start", "execute_tool hung"),
                ("laststep.span.start", "invoke_agent a"),
            ],
        )
        stopped = [record for record in records if record.attributes.get("laststep.stop_reason") == "shutdown"]
        self.assertEqual([record.span["name"] for record in stopped], ["execute_tool hung"])
        self.assertIs(self.receiver.records("laststep.pulse")[-1].attributes["laststep.pulse.last"], True)


def _instance(record: Record) -> str:
    return str(record.resource["service.instance.id"])


if __name__ == "__main__":
    unittest.main()
