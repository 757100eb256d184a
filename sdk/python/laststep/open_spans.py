"""A SpanProcessor that tells the collector about spans while they are open."""

import asyncio
from collections import deque
from typing import Final, Literal

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import TraceFlags

from .attributes import ATTR, RECORD
from .open_span import OpenSpan
from .otlp_json import LogRecord, SpanParts, encode_scope_spans
from .reporter import Reporter
from .source import Source
from .span_snapshot import take_snapshot, what_changed

CodeLocation = Literal["open", "always", "off"]

#: A program that never ends its spans must not fill the memory. Beyond this spans are not followed.
OPEN_MAX: Final = 20_000
#: Open spans compared with what was told, per flush; the others have their turn at the next. Some 5 µs each.
COMPARED_PER_FLUSH: Final = 500
#: Stacks of open steps read per flush, some 20 µs each; and how often that of one step is read again.
STACKS_PER_FLUSH: Final = 100
STACK_EVERY_NS: Final = 1_000_000_000
#: A stream of tokens moves `laststep.progress` all the time; the collector wants to know that it moves.
PROGRESS_EVERY_NS: Final = 1_000_000_000


class OpenSpans(SpanProcessor, Source):
    """Add it to a provider at any time: `provider.add_span_processor(laststep.OpenSpans(reporter))`.

    ::

        on_start ──▶ young ──flush──▶ told ──changed──▶ told again …
                      │ on_end          │ on_end            laststep.span.start, .snapshot, .end
                      ▼                 ▼
                   nothing       laststep.span.end

    A span that ends before the next flush costs a few stores in memory and nothing on the wire. Everything is told by
    the reporter's thread, so that each span's records are numbered in one place.
    """

    def __init__(self, reporter: Reporter, *, code_location: CodeLocation = "open") -> None:
        """:param code_location: `open`: what is told of a span holds the line that started it and, while it is open,
        the line its work stands at; `always`: the starting line is written on every span as well, for your own
        exporters; `off`: neither"""
        self._reporter = reporter
        self._code_location = code_location
        self._open: dict[int, OpenSpan] = {}
        self._ended: deque[OpenSpan] = deque()
        self._next_compared = 0
        self._stacks_left = STACKS_PER_FLUSH
        self._dropped_seen = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        reporter.add_source(self)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        context = span.get_span_context()
        if context is None or not context.trace_flags & TraceFlags.SAMPLED:
            return
        if len(self._open) >= OPEN_MAX or self._reporter.is_stopping:
            return
        above = span.parent
        parent_id = 0 if above is None else above.span_id
        open_span = OpenSpan(span, context, parent_id, self._open.get(parent_id))
        # Unlike `get_running_loop` this raises nothing where no loop runs, which would cost more than all the rest.
        loop = asyncio._get_running_loop()
        if loop is not None and loop is not self._loop:
            self._loop = loop
            self._reporter.see_loop(loop)
        if self._code_location != "off":
            open_span.locate(loop)
            if self._code_location == "always":
                open_span.stamp_place()
        self._open[context.span_id] = open_span
        self._reporter.wake()

    def on_end(self, span: ReadableSpan) -> None:
        context = span.get_span_context()
        open_span = None if context is None else self._open.pop(context.span_id, None)
        if open_span is None:
            return
        open_span.final = span
        if open_span.seq > 0:
            self._ended.append(open_span)
            self._reporter.wake()

    def collect(self, now: int) -> bool:
        self._stacks_left = STACKS_PER_FLUSH
        self._tell_ended()
        open_spans = self._copy_open()
        parents = {open_span.parent_id for open_span in open_spans}
        self._repeat_after_loss(open_spans)
        for open_span in open_spans:
            if not open_span.must_be_told:
                continue
            # What finds no room now is told later, rather than dropped.
            if not self._reporter.has_room():
                return True
            self._look_at_stack(open_span, parents, now)
            self._tell(open_span, now)
        for open_span in self._take_turns(open_spans):
            if not self._reporter.has_room():
                break
            has_moved = self._look_at_stack(open_span, parents, now)
            if has_moved or self._is_news(open_span, now):
                self._tell(open_span, now)
        return bool(open_spans)

    def stop(self, now: int) -> None:
        self._tell_ended()
        for open_span in self._copy_open():
            self._tell(open_span, now, stop_reason="shutdown")
        self._open.clear()

    def forget(self) -> None:
        self._open.clear()
        self._ended.clear()
        self._loop = None

    def list_open(self) -> list[str]:
        return [open_span.encode_listed() for open_span in self._copy_open()]

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._reporter.flush(timeout_millis / 1_000)

    def shutdown(self) -> None:
        """A provider stops when its program does: so does the reporter."""
        self._reporter.stop()

    def _copy_open(self) -> list[OpenSpan]:
        # `dict.copy` is one step, whatever other threads do meanwhile.
        return list(self._open.copy().values())

    def _look_at_stack(self, open_span: OpenSpan, parents: set[int], now: int) -> bool:
        """Only of steps without an open step below: those are where the work is. Returns whether it has moved."""
        is_around = open_span.context.span_id in parents
        if is_around or self._stacks_left <= 0 or now - open_span.stack_at < STACK_EVERY_NS:
            return False
        self._stacks_left -= 1
        return open_span.look_at_stack(now)

    def _tell_ended(self) -> None:
        while self._ended:
            open_span = self._ended.popleft()
            if open_span.final is not None:
                self._tell(open_span, open_span.final.end_time or 0)

    def _tell(self, open_span: OpenSpan, at: int, stop_reason: str | None = None) -> None:
        open_span.seq += 1
        final, is_first = open_span.final, open_span.told is None
        span: ReadableSpan = open_span.span if final is None else final
        snapshot = take_snapshot(span)
        # A span that ended untold costs nothing; one that does not hold still is told at the next flush.
        if snapshot is None or (final is not None and is_first):
            return
        open_span.told, open_span.told_at, open_span.must_be_told = snapshot, at, False
        is_over = final is not None or stop_reason is not None
        is_start = is_first and not is_over
        event = RECORD.span_end if is_over else RECORD.span_start if is_start else RECORD.span_snapshot
        attributes = {
            ATTR.partial_event: "stop" if is_over else "heartbeat",
            ATTR.partial_frequency: None if is_over else f"{self._reporter.repeat_ms}ms",
            ATTR.partial_body_type: "json/v1",
            ATTR.seq: open_span.seq,
            ATTR.run_id: open_span.run_id(),
            ATTR.phase: snapshot.attributes.get(ATTR.phase),
            ATTR.stop_reason: stop_reason,
        }
        told = open_span.attributes_told(snapshot.attributes)
        parts = SpanParts(span, open_span.context, told, None if final is None else final.end_time)
        body = self._reporter.encode_traces([encode_scope_spans(parts)])
        began_at = (span.start_time or at) if is_start else at
        self._reporter.report(LogRecord(event, began_at, attributes, open_span.context, body))

    def _is_news(self, open_span: OpenSpan, now: int) -> bool:
        told = open_span.told
        if told is None:
            return False
        since = now - open_span.told_at
        if self._reporter.repeats and since >= self._reporter.repeat_ms * 1_000_000:
            return True
        snapshot = take_snapshot(open_span.span)
        changed = "nothing" if snapshot is None else what_changed(snapshot, told)
        return changed == "content" or (changed == "progress" and since >= PROGRESS_EVERY_NS)

    def _take_turns(self, open_spans: list[OpenSpan]) -> list[OpenSpan]:
        """The next of the open spans, so many that a flush stays cheap; after the last come the first again."""
        begin = self._next_compared if self._next_compared < len(open_spans) else 0
        self._next_compared = begin + COMPARED_PER_FLUSH
        return open_spans[begin : self._next_compared]

    def _repeat_after_loss(self, open_spans: list[OpenSpan]) -> None:
        """What was dropped may have been the start of a span that is still open: once there is room, tell all again."""
        stats = self._reporter.stats()
        if stats.dropped == self._dropped_seen or stats.queued > 0:
            return
        self._dropped_seen = stats.dropped
        for open_span in open_spans:
            open_span.must_be_told = True
