"""How far messages to users get, and the connections they take: for runtimes that answer over a socket."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from opentelemetry import trace
from opentelemetry.trace import SpanContext

from .attributes import ATTR, RECORD
from .install import installed_reporter
from .otlp_json import LogRecord
from .reporter import Reporter
from .source import Source

DeliveryState = Literal[
    "emitted", "routed", "queued", "written", "transported", "received", "handled", "dropped", "failed"
]
DropReason = Literal["no-target", "serialize", "too-big", "backpressure", "evicted", "closed", "expired"]
ConnectionState = Literal["opened", "authenticated", "ready", "closed"]


@dataclass(frozen=True, slots=True)
class _News:
    delivery: "Delivery"
    state: DeliveryState
    #: Nanoseconds since 1970.
    at: int
    reason: str | None = None


class DeliveryRecorder(Source):
    """The states a message reaches between two flushes travel in one record: an undisturbed message costs one, a second
    one when its confirmation takes longer than a flush."""

    def __init__(self, *, epoch: str | None = None, reporter: Reporter | None = None) -> None:
        """
        :param epoch: the runtime instance that gives the seqs; the reporter's instance id unless given
        :param reporter: that of `install` unless given
        """
        self._epoch = epoch
        self._reporter = reporter or installed_reporter()
        self._news: deque[_News] = deque()
        self._reporter.add_source(self)

    def message(
        self,
        run_id: str,
        seq: int,
        event: str,
        connection_id: str | None,
        *,
        attempt: int = 1,
        targets: int | None = None,
        tool_call_id: str | None = None,
        size: int | None = None,
        at: int | None = None,
    ) -> "Delivery":
        """A message was emitted: opens its record with the state `emitted`, in the span that is current.

        :param seq: per run, gap-free, given when the message is emitted
        :param connection_id: None when there is no connection to take it
        :param attempt: grows when the message is sent again
        :param targets: connections chosen for the message, 0 included
        :param size: bytes of the frame, as sent
        :param at: nanoseconds since 1970; now unless given
        """
        key = {
            ATTR.run_id: run_id,
            ATTR.delivery_seq: seq,
            ATTR.delivery_epoch: self._epoch or self._reporter.instance_id,
            ATTR.delivery_event: event,
            ATTR.connection_id: connection_id,
            ATTR.delivery_attempt: attempt,
        }
        once = {ATTR.delivery_bytes: size, ATTR.delivery_tool_call_id: tool_call_id}
        delivery = Delivery(self, key, once, _current_context(), targets)
        delivery.reach("emitted", at)
        return delivery

    def collect(self, now: int) -> bool:
        news: dict[Delivery, list[_News]] = {}
        while self._news:
            each = self._news.popleft()
            news.setdefault(each.delivery, []).append(each)
        for delivery, reached in news.items():
            self._reporter.report(delivery.take_record(reached))
        return False

    def forget(self) -> None:
        self._news.clear()

    def add(self, news: _News) -> None:
        if len(self._news) >= self._reporter.queue_max:
            self._reporter.drop()
            return
        self._news.append(news)
        self._reporter.wake()


class Delivery:
    """Follows one message. Every call is cheap, never raises, and may come from any thread."""

    def __init__(
        self,
        recorder: DeliveryRecorder,
        key: Mapping[str, object],
        once: Mapping[str, object],
        context: SpanContext | None,
        targets: int | None,
    ) -> None:
        self._recorder = recorder
        self._key = key
        self._once = once
        self._context = context
        self._targets = targets

    def reach(self, state: DeliveryState, at: int | None = None) -> None:
        """The message got this far, at this nanosecond since 1970 or now."""
        self._recorder.add(_News(self, state, at or time.time_ns()))

    def route(self, targets: int) -> None:
        """Connections were chosen: `routed`, with their number."""
        self._targets = targets
        self.reach("routed")

    def drop(self, reason: DropReason) -> None:
        """Dead end: nobody tried to send it, and why."""
        self._recorder.add(_News(self, "dropped", time.time_ns(), reason))

    def fail(self, error: object) -> None:
        """Dead end: sending failed."""
        self._recorder.add(_News(self, "failed", time.time_ns(), str(error)))

    def take_record(self, reached: list[_News]) -> LogRecord:
        # What never changes about a message is told once.
        told = {**self._once, ATTR.delivery_targets: self._targets}
        self._once, self._targets = {}, None
        attributes = {
            **self._key,
            ATTR.delivery_states: [news.state for news in reached],
            ATTR.delivery_at: [news.at for news in reached],
            ATTR.delivery_reason: next((news.reason for news in reached if news.reason is not None), None),
            **told,
        }
        return LogRecord(RECORD.delivery, reached[-1].at, attributes, self._context)


def record_connection(
    connection_id: str,
    state: ConnectionState,
    *,
    user_id: str | None = None,
    acks: bool | None = None,
    close_code: int | None = None,
    close_reason: str | None = None,
    closed_by: Literal["client", "server", "network"] | None = None,
    at: int | None = None,
    reporter: Reporter | None = None,
) -> None:
    """Say that a connection reached a state. Sent with the span that is current, if any.

    :param acks: whether this client acknowledges; without, a message is at most `transported`
    :param close_code: of the WebSocket, like `close_reason`; with `closed`
    """
    attributes = {
        ATTR.connection_id: connection_id,
        ATTR.connection_state: state,
        ATTR.user_id: user_id,
        ATTR.connection_acks: acks,
        ATTR.close_code: close_code,
        ATTR.close_reason: close_reason,
        ATTR.close_by: closed_by,
    }
    record = LogRecord(RECORD.connection, at or time.time_ns(), attributes, _current_context())
    (reporter or installed_reporter()).report(record)


def _current_context() -> SpanContext | None:
    context = trace.get_current_span().get_span_context()
    return context if context.is_valid else None
