"""One open span, and what the collector was told about it."""

import asyncio
import sys
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan, Span
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

from .attributes import ATTR, CODE_STACKTRACE
from .code_location import Place, find_start
from .span_snapshot import Snapshot
from .stack_now import Stack, Whereabouts, stack_now

DEPTH_MAX: Final = 32


@dataclass(frozen=True, slots=True)
class Lineage:
    """Spans from the outermost known one inwards. Copied rather than linked, so that no ended span is kept alive;
    never changed, so that siblings share it."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    #: Nanoseconds since 1970.
    starts: tuple[str, ...] = ()


NO_ANCESTORS: Final = Lineage()


class OpenSpan:
    __slots__ = (
        "ancestors",
        "context",
        "final",
        "is_stamped",
        "lineage",
        "must_be_told",
        "parent_id",
        "place",
        "run_id",
        "seq",
        "span",
        "stack",
        "stack_at",
        "told",
        "told_at",
        "whereabouts",
    )

    def __init__(self, span: Span, context: SpanContext, parent: "OpenSpan | None") -> None:
        self.span = span
        self.context = context
        self.parent_id = 0 if span.parent is None else span.parent.span_id
        self.ancestors = NO_ANCESTORS if parent is None else parent.lineage_of()
        #: Its ancestors and itself, made when the first child starts and shared by all.
        self.lineage: Lineage | None = None
        self.run_id = _run_id_of(span, parent)
        #: Where it was started.
        self.place: Place | None = None
        #: The place was written on the span itself, by us.
        self.is_stamped = False
        self.whereabouts: Whereabouts | None = None
        #: Where its work stood when last looked at.
        self.stack: Stack | None = None
        self.stack_at = 0
        #: Told so far, or about to be. Written by the reporter's thread alone.
        self.seq = 0
        self.told: Snapshot | None = None
        self.told_at = 0
        #: Whatever was told of it: nothing yet, or something that was lost.
        self.must_be_told = True
        #: The ended span. It is set before `seq` is read, and `seq` before this is read, so one side sees the other.
        self.final: ReadableSpan | None = None

    def lineage_of(self) -> Lineage:
        if self.lineage is None:
            names, ids, starts = self.ancestors.names, self.ancestors.ids, self.ancestors.starts
            own_id, start = format_span_id(self.context.span_id), str(self.span.start_time)
            is_deep = len(ids) >= DEPTH_MAX
            self.lineage = (
                self.ancestors if is_deep else Lineage((*names, self.span.name), (*ids, own_id), (*starts, start))
            )
        return self.lineage

    def stamp_lineage(self) -> None:
        """Ancestors on every child: even plain OTLP then shows which spans must be open above a finished one."""
        self.span.set_attributes(
            {
                ATTR.span_path: (*self.ancestors.names, self.span.name),
                ATTR.span_ids_path: self.ancestors.ids,
                ATTR.span_starts_path: self.ancestors.starts,
            }
        )

    def locate(self) -> asyncio.AbstractEventLoop | None:
        """Remember who works inside the span, as it starts. Returns the loop that runs here, if one does."""
        # Frames of this package and of the SDK above are passed over.
        place = self.place = find_start(sys._getframe(2))
        loop = asyncio._get_running_loop()
        task = None if loop is None else asyncio.current_task(loop)
        self.whereabouts = Whereabouts(
            thread_id=threading.get_ident(),
            starter=None if place is None else place.code,
            task=None if task is None else weakref.ref(task),
        )
        return loop

    def stamp_place(self) -> None:
        if self.place is not None and ATTR.code_file not in (self.span.attributes or {}):
            self.is_stamped = True
            self.span.set_attributes(_encode_place(self.place))

    def look_at_stack(self, now: int) -> bool:
        """True when the work stands elsewhere. The last stack is kept when there is none: a moment old beats nothing."""
        self.stack_at = now
        stack = None if self.whereabouts is None else stack_now(self.whereabouts)
        if stack is None or stack == self.stack:
            return False
        self.stack = stack
        return True

    def attributes_told(self, attributes: Mapping[str, object]) -> Mapping[str, object]:
        """The span's own attributes, and where it stands: while it is open where its work is now, then where it began.
        What the user set is never changed."""
        stack = self.stack if self.final is None else None
        place = self.place if stack is None else stack.innermost_own() or self.place
        where: dict[str, str | int] = {}
        if stack is not None:
            where[CODE_STACKTRACE] = stack.text()
        if place is not None and (self.is_stamped or ATTR.code_file not in attributes):
            where.update(_encode_place(place))
        # Ours come first, where a span of very many attributes is not cut.
        return {**where, **attributes, **where} if self.is_stamped else {**where, **attributes}

    def encode_listed(self) -> str:
        """As a pulse lists it: `<traceId>:<spanId>:<parentSpanId or nothing>:<start, ns since 1970>:<name>`. The name
        comes last because it may hold colons."""
        trace_id, span_id = format_trace_id(self.context.trace_id), format_span_id(self.context.span_id)
        parent_id = format_span_id(self.parent_id) if self.parent_id else ""
        return f"{trace_id}:{span_id}:{parent_id}:{self.span.start_time}:{self.span.name}"


def _run_id_of(span: ReadableSpan, parent: OpenSpan | None) -> str | None:
    own = None if span.attributes is None else span.attributes.get(ATTR.run_id)
    return own if isinstance(own, str) else None if parent is None else parent.run_id


def _encode_place(place: Place) -> dict[str, str | int]:
    return {ATTR.code_file: place.file, ATTR.code_line: place.line, ATTR.code_function: place.function}
