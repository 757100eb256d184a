"""Where the work inside a span stands now, read from another thread.

A coroutine that hangs is on nobody's stack: its task holds it, it holds what it awaits, and so on inwards.

::

    task ─▶ coroutine ─cr_await─▶ coroutine ─cr_await─▶ async generator ─ag_await─▶ … ─▶ future
            handle()              call_tool()           stream()                         what it waits for
"""

import asyncio
import gc
import sys
import weakref
from dataclasses import dataclass
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any, Final, NamedTuple, Union

from .code_location import Place, find_innermost

#: Frames and characters told of one stack, the innermost. Longer texts would lose their end, which matters most.
TOLD_MAX: Final = 24
CHARS_MAX: Final = 4_000
#: Awaits followed: a chain without an end would hold up the thread.
DEPTH_MAX: Final = 200

#: What stands between an `await` or `async for` and what it waits for has no attribute that leads on; the garbage
#: collector knows the way. Only types of Python's own: anything else may hold coroutines that are not awaited.
WRAPPERS: Final = frozenset(
    {"coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable", "FutureIter"}
)

# Not all of these take parameters at run time before Python 3.13.
Suspended = Union["CoroutineType[Any, Any, Any]", "GeneratorType[Any, Any, Any]", "AsyncGeneratorType[Any, Any]"]


class Whereabouts(NamedTuple):
    """Who works inside a span, as known when it started. Keeps neither the task nor its frames alive."""

    thread_id: int
    #: The function that started the span: a thread without it on its stack has gone on to other work.
    starter: CodeType | None
    task: "weakref.ref[asyncio.Task[Any]] | None"


@dataclass(frozen=True, slots=True)
class Stack:
    """Outermost call first, as Python prints stacks."""

    places: tuple[Place, ...]

    def innermost_own(self) -> Place | None:
        return find_innermost(list(self.places))

    def text(self) -> str:
        lines: list[str] = []
        chars = 0
        for place in reversed(self.places[-TOLD_MAX:]):
            lines.append(f'  File "{place.file}", line {place.line}, in {place.function}')
            chars += len(lines[-1]) + 1
            if chars > CHARS_MAX:
                lines.pop()
                break
        return "\n".join(reversed(lines))


def stack_now(whereabouts: Whereabouts) -> Stack | None:
    """None when nothing of the span's work can be found: its task is done, its thread does something else."""
    if whereabouts.task is None:
        return _thread_stack(whereabouts)
    task = whereabouts.task()
    if task is None or task.done():
        return None
    places = _awaited_places(task)
    # A coroutine that does not await is running: blocking its loop, or just not done yet.
    return Stack(tuple(places)) if places else _thread_stack(whereabouts)


def _awaited_places(task: "asyncio.Task[Any]") -> list[Place]:
    """Empty when the task does not wait. The task may go on while it is read: then some lines are a moment old."""
    places: list[Place] = []
    inner = _suspended(task.get_coro())
    for _ in range(DEPTH_MAX):
        if inner is None:
            break
        frame, is_running, awaited = _look_inside(inner)
        if is_running:
            return []
        if frame is not None:
            places.append(Place(frame.f_code, frame.f_lineno or frame.f_code.co_firstlineno))
        inner = _suspended(awaited) or _timed(frame)
    return places


def _look_inside(suspended: Suspended) -> tuple[FrameType | None, bool, object]:
    if isinstance(suspended, CoroutineType):
        return suspended.cr_frame, suspended.cr_running, suspended.cr_await
    if isinstance(suspended, AsyncGeneratorType):
        # `ag_running` is true for as long as somebody awaits the next value, hence no sign of running.
        return suspended.ag_frame, False, suspended.ag_await
    return suspended.gi_frame, suspended.gi_running, suspended.gi_yieldfrom


def _suspended(awaited: object) -> Suspended | None:
    if isinstance(awaited, (CoroutineType, GeneratorType, AsyncGeneratorType)):
        return awaited
    if isinstance(awaited, asyncio.Task):
        return None if awaited.done() else _suspended(awaited.get_coro())
    if type(awaited).__name__ not in WRAPPERS:
        return None
    inner = map(_suspended, gc.get_referents(awaited))
    return next((found for found in inner if found is not None), None)


def _timed(frame: FrameType | None) -> Suspended | None:
    """What `asyncio.wait_for` waits for: before Python 3.12 in a task of its own, which only its frame names."""
    is_timer = frame is not None and frame.f_code is asyncio.wait_for.__code__
    return _suspended(frame.f_locals.get("fut")) if frame is not None and is_timer else None


def _thread_stack(whereabouts: Whereabouts) -> Stack | None:
    frame = sys._current_frames().get(whereabouts.thread_id)
    places: list[Place] = []
    while frame is not None and len(places) < DEPTH_MAX:
        places.append(Place(frame.f_code, frame.f_lineno or frame.f_code.co_firstlineno))
        frame = frame.f_back
    if whereabouts.starter is None or not any(place.code is whereabouts.starter for place in places):
        return None
    places.reverse()
    return Stack(tuple(places))
