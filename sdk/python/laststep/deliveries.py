"""How far messages to users get, and the connections they take: for runtimes that answer over a socket."""

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

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


#: A record is read as a whole: a few KB, of a run that sends everything at once.
_MESSAGES_PER_RECORD_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class _Way:
    """What the messages of one record share."""

    run_id: str
    connection_id: str | None
    #: The span they were emitted in.
    context: SpanContext | None

    @property
    def key(self) -> tuple[object, ...]:
        return (self.run_id, self.connection_id, self.context and self.context.span_id)


@dataclass(frozen=True, slots=True)
class _News:
    delivery: "Delivery"
    state: DeliveryState
    #: Nanoseconds since 1970.
    at: int
    reason: str | None = None


class DeliveryRecorder(Source):
    """What the messages of a run reach over one connection between two flushes travels in one record: a run that
    streams its answer costs about two a flush, however many messages it sends."""

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
        way = _Way(run_id, connection_id, _current_context())
        once = {"bytes": size, "tool_call_id": tool_call_id}
        delivery = Delivery(self, way, seq, event, None if attempt == 1 else attempt, once, targets)
        delivery.reach("emitted", at)
        return delivery

    def collect(self, now: int) -> bool:
        news: dict[Delivery, list[_News]] = {}
        while self._news:
            each = self._news.popleft()
            news.setdefault(each.delivery, []).append(each)
        together: dict[tuple[object, ...], list[Delivery]] = {}
        for delivery in news:
            together.setdefault(delivery.way.key, []).append(delivery)
        for deliveries in together.values():
            for start in range(0, len(deliveries), _MESSAGES_PER_RECORD_MAX):
                part = deliveries[start : start + _MESSAGES_PER_RECORD_MAX]
                self._reporter.report(self._record_of({delivery: news[delivery] for delivery in part}))
        return False

    def _record_of(self, news: Mapping["Delivery", Sequence[_News]]) -> LogRecord:
        way = next(iter(news)).way
        at = min(each.at for reached in news.values() for each in reached)
        attributes = {
            ATTR.run_id: way.run_id,
            ATTR.connection_id: way.connection_id,
            ATTR.delivery_epoch: self._epoch or self._reporter.instance_id,
        }
        rows = [delivery.take_news(reached, at) for delivery, reached in news.items()]
        body = json.dumps(rows, separators=(",", ":"))
        return LogRecord(RECORD.delivery, at, attributes, way.context, body)

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
        way: _Way,
        seq: int,
        event: str,
        attempt: int | None,
        once: Mapping[str, object],
        targets: int | None,
    ) -> None:
        self._recorder = recorder
        self.way = way
        self._seq = seq
        self._event = event
        self._attempt = attempt
        self._once = once
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

    def take_news(self, reached: Sequence[_News], start: int) -> list[object]:
        """The row of a record's body (docs/PROTOCOL.md, 2.3), with moments as microseconds after `start`."""
        states: dict[str, int] = {}
        for news in reached:
            # A state once reached stays reached, at the moment of the first time.
            states.setdefault(news.state, round((news.at - start) / 1_000))
        more = {
            "attempt": self._attempt,
            "targets": self._targets,
            **self._once,
            "reason": next((news.reason for news in reached if news.reason is not None), None),
        }
        # What never changes about a message is told once.
        self._once, self._targets = {}, None
        known = {key: value for key, value in more.items() if value is not None}
        return [self._seq, self._event, states, *([known] if known else [])]


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
