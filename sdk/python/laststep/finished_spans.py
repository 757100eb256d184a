"""Finished spans, for programs whose own exporters point elsewhere or that have none."""

from collections import deque

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import TraceFlags

from .otlp_json import WHOLE, SpanParts, encode_scope_spans
from .reporter import Reporter
from .source import Source


class FinishedSpans(SpanProcessor, Source):
    """Sends finished spans to `/v1/traces`. They are encoded by the reporter's thread, off the path of the work they
    measure."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._finished: deque[ReadableSpan] = deque()
        reporter.add_source(self)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        pass

    def on_end(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        if context is None or not context.trace_flags & TraceFlags.SAMPLED:
            return
        if len(self._finished) >= self._reporter.queue_max:
            self._reporter.drop()
            return
        self._finished.append(span)
        self._reporter.wake()

    def collect(self, now: int) -> bool:
        while self._finished:
            span = self._finished.popleft()
            context = span.get_span_context()
            if context is not None:
                parts = SpanParts(span, context, span.attributes or {}, span.end_time)
                self._reporter.report_span(encode_scope_spans(parts, WHOLE))
        return False

    def forget(self) -> None:
        self._finished.clear()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._reporter.flush(timeout_millis / 1_000)

    def shutdown(self) -> None:
        self._reporter.stop()
