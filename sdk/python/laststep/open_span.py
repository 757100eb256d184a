"""One open span, and what the collector was told about it."""

import asyncio
import sys
import threading
import weakref
from collections.abc import Mapping
from typing import Final, NamedTuple

from opentelemetry.sdk.trace import ReadableSpan, Span
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

from .attributes import ATTR, CODE_STACKTRACE
from .code_location import Place, find_start
from .span_snapshot import Snapshot
from .stack_now import Stack, Whereabouts, stack_now

DEPTH_MAX: Final = 32


class Lineage(NamedTuple):
    """Spans from the outermost known one inwards. Copied rather than linked, so that no ended span is kept alive;
    never changed, so that siblings share it."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    #: Nanoseconds since 1970.
    starts: tuple[str, ...] = ()


NO_ANCESTORS: Final = Lineage()


class OpenSpan:
    #: Its ancestors and itself, made when the first child starts and shared by all.
    _lineage: Lineage | None = None
    _run_id: str | None = None
    #: Where it was started, and who works inside it.
    place: Place | None = None
    whereabouts: Whereabouts | None = None
    #: The place was written on the span itself, by us.
    is_stamped = False
    #: Where its work stood when last looked at.
    stack: Stack | None = None
    stack_at = 0
    #: Told so far, or about to be. Written by the reporter's thread alone.
    seq = 0
    told: Snapshot | None = None
    told_at = 0
    #: Whatever was told of it: nothing yet, or something that was lost.
    must_be_told = True
    #: The ended span. It is set before `seq` is read, and `seq` before this is read, so one side sees the other.
    final: ReadableSpan | None = None

    # The defaults above are the class's: most spans end before anything but these five is known of them.
    def __init__(self, span: Span, context: SpanContext, parent_id: int, parent: "OpenSpan | None") -> None:
        self.span = span
        self.context = context
        self.parent_id = parent_id
        self.ancestors = NO_ANCESTORS if parent is None else parent._lineage or parent.lineage_of()
        self._inherited_run = None if parent is None else parent._run_id or parent.run_id()

    def lineage_of(self) -> Lineage:
        if self._lineage is None:
            names, ids, starts = self.ancestors
            own_id, start = format_span_id(self.context.span_id), str(self.span.start_time)
            is_deep = len(ids) >= DEPTH_MAX
            self._lineage = (
                self.ancestors if is_deep else Lineage((*names, self.span.name), (*ids, own_id), (*starts, start))
            )
        return self._lineage

    def run_id(self) -> str | None:
        """Its own, else that of its ancestors."""
        if self._run_id is None:
            own = None if self.span.attributes is None else self.span.attributes.get(ATTR.run_id)
            self._run_id = own if isinstance(own, str) else self._inherited_run
        return self._run_id

    def locate(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Remember who works inside the span, as it starts in this loop."""
        # Frames of this package and of the SDK above are passed over.
        place = self.place = find_start(sys._getframe(2))
        task = None if loop is None else asyncio.current_task(loop)
        starter = None if place is None else place.code
        self.whereabouts = Whereabouts(threading.get_ident(), starter, None if task is None else weakref.ref(task))

    def stamp_place(self) -> None:
        if self.place is not None and ATTR.code_file not in (self.span.attributes or {}):
            self.is_stamped = True
            self.span.set_attributes(_encode_place(self.place))

    def look_at_stack(self, now: int) -> bool:
        """True when the work stands elsewhere. When there is no stack the last is kept: a moment old beats nothing."""
        self.stack_at = now
        stack = None if self.whereabouts is None else stack_now(self.whereabouts)
        if stack is None or stack == self.stack:
            return False
        self.stack = stack
        return True

    def attributes_told(self, attributes: Mapping[str, object]) -> Mapping[str, object]:
        """The span's own attributes, its ancestors, and where it stands: while it is open where its work is now, then
        where it began. What the user set is never changed."""
        stack = self.stack if self.final is None else None
        place = self.place if stack is None else stack.innermost_own() or self.place
        where: dict[str, object] = {}
        if stack is not None:
            where[CODE_STACKTRACE] = stack.text()
        if place is not None and (self.is_stamped or ATTR.code_file not in attributes):
            where.update(_encode_place(place))
        # Ours come first, where a span of very many attributes is not cut.
        told = {**where, **self._ancestry(), **attributes}
        return {**told, **where} if self.is_stamped else told

    def _ancestry(self) -> Mapping[str, object]:
        """In what is told only: on the span itself it would cost every span more than all the rest."""
        names, ids, starts = self.ancestors
        if not ids:
            return {}
        path = (*names, self.span.name)
        return {ATTR.span_path: path, ATTR.span_ids_path: ids, ATTR.span_starts_path: starts}

    def encode_listed(self) -> str:
        """As a pulse lists it: `<traceId>:<spanId>:<parentSpanId or nothing>:<start, ns since 1970>:<name>`. The name
        comes last because it may hold colons."""
        trace_id, span_id = format_trace_id(self.context.trace_id), format_span_id(self.context.span_id)
        parent_id = format_span_id(self.parent_id) if self.parent_id else ""
        return f"{trace_id}:{span_id}:{parent_id}:{self.span.start_time}:{self.span.name}"


def _encode_place(place: Place) -> dict[str, str | int]:
    return {ATTR.code_file: place.file, ATTR.code_line: place.line, ATTR.code_function: place.function}
