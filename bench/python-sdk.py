"""What Laststep costs a traced Python program: microseconds added to one span (start + end), against the same SDK with
a processor that does nothing and beside a plain BatchSpanProcessor. Started by bench/python-sdk.ts.

python-sdk.py ENDPOINT

CPU time of the whole process: what the background threads take from the program's interpreter counts as well, sending
included, and what other processes do on the machine does not. Exits 1 when the goal is missed.
"""

import statistics
import sys
import time
from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import laststep

GOAL_US = 15.0
SPANS = 10_000
#: Between two flushes: below what a BatchSpanProcessor queues, so that nobody saves time by dropping.
BATCH = 1_000
ROUNDS = 15
#: Frames above the measured line: agents are not called from the top of the stack.
DEPTH = 15

endpoint = sys.argv[1]


def reporter() -> laststep.Reporter:
    return laststep.Reporter(endpoint, "bench", pulse_ms=0)


def both() -> list[SpanProcessor]:
    shared = reporter()
    return [laststep.OpenSpans(shared), laststep.FinishedSpans(shared)]


CASES: dict[str, Callable[[], list[SpanProcessor]]] = {
    "no-op processor": lambda: [SpanProcessor()],
    "OpenSpans": lambda: [laststep.OpenSpans(reporter())],
    "OpenSpans, code_location off": lambda: [laststep.OpenSpans(reporter(), code_location="off")],
    "OpenSpans, code_location always": lambda: [laststep.OpenSpans(reporter(), code_location="always")],
    "OpenSpans and FinishedSpans": both,
    "BatchSpanProcessor alone": lambda: [BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces"))],
}


class Runner:
    def __init__(self, processors: list[SpanProcessor]) -> None:
        self.provider = TracerProvider(shutdown_on_exit=False)
        for processor in processors:
            self.provider.add_span_processor(processor)
        self.tracer = self.provider.get_tracer("bench")
        self.inside = trace.set_span_in_context(self.tracer.start_span("invoke_agent bench"))

    def run(self) -> float:
        """The mean time of one span in µs."""
        began = time.process_time()
        for _ in range(SPANS // BATCH):
            _call_deep(DEPTH, self._make_spans)
            self.provider.force_flush()
        return (time.process_time() - began) / SPANS * 1e6

    def _make_spans(self) -> None:
        for number in range(BATCH):
            attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "attempt": number}
            self.tracer.start_span("execute_tool search", self.inside, attributes=attributes).end()


def _call_deep(depth: int, call: Callable[[], None]) -> None:
    call() if depth == 0 else _call_deep(depth - 1, call)


runners = {name: Runner(make()) for name, make in CASES.items()}
times: dict[str, list[float]] = {name: [] for name in CASES}
# Interleaved, so that whatever else the machine does falls on all of them. The first round only warms up.
for round_number in range(-1, ROUNDS):
    for name, runner in runners.items():
        us = runner.run()
        if round_number >= 0:
            times[name].append(us)

medians = {name: statistics.median(each) for name, each in times.items()}
base = medians["no-op processor"]
for name, us in medians.items():
    print(f"{name:<34}{us:7.2f} µs a span  +{us - base:.2f} µs  ×{us / base:.2f}")
met = medians["OpenSpans"] - base <= GOAL_US
print(f"goal: at most +{GOAL_US:.0f} µs a span: {'met' if met else 'MISSED'} (Python {sys.version.split()[0]})")
for runner in runners.values():
    runner.provider.shutdown()
sys.exit(0 if met else 1)
