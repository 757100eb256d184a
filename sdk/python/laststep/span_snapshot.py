"""A live span keeps changing under other threads: what of it is read, and how a change is seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from opentelemetry.sdk.trace import ReadableSpan

from .attributes import ATTR

#: Copies that meet a change are tried again; a span that never holds still is told at a later flush.
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    name: str
    status: int
    events: int
    links: int
    #: A copy; what the SDK put in it never changes.
    attributes: Mapping[str, object]


def take_snapshot(span: ReadableSpan) -> Snapshot | None:
    """None when the span would not hold still."""
    for _ in range(TRIES):
        try:
            return Snapshot(
                name=span.name,
                status=span.status.status_code.value,
                events=len(span.events) + span.dropped_events,
                links=len(span.links) + span.dropped_links,
                attributes=dict(span.attributes or {}),
            )
        except (KeyError, RuntimeError):
            # A key was replaced, or the dictionary grew, between two steps of the copy.
            continue
    return None


def what_changed(now: Snapshot, told: Snapshot) -> Literal["nothing", "progress", "content"]:
    """`progress` when only the count of pieces moved: news of a lesser kind, because a stream moves it all the time."""
    if now == told:
        return "nothing"
    if (now.name, now.status, now.events, now.links) != (told.name, told.status, told.events, told.links):
        return "content"
    before = {**told.attributes, ATTR.progress: now.attributes.get(ATTR.progress)}
    return "progress" if before == now.attributes else "content"
