"""Encoded items waiting to be sent, in order, one request at a time."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from .post_json import Poster, Refusal

logger = logging.getLogger("laststep")

BATCH_ITEMS_MAX: Final = 512
#: Of encoded text, before compression.
BATCH_CHARS_MAX: Final = 1_000_000
QUEUE_CHARS_MAX: Final = 32_000_000
BACKOFF_FIRST_S: Final = 0.25
BACKOFF_MAX_S: Final = 15.0
#: With the backoff above a batch is tried for about a minute; then it makes room for newer ones.
ATTEMPTS_MAX: Final = 9


@dataclass(frozen=True, slots=True)
class Stats:
    queued: int
    sent: int
    #: Did not fit, was refused, or could not be delivered in time.
    dropped: int
    failed_requests: int


class ExportQueue:
    """A receiver that is away costs memory up to the bounds and then a counter; nothing here raises. Used by the
    reporter's thread alone.

    ::

        add → waiting ──send──▶ batch ──accepted──▶ gone
                                  │ ▲──try again, later and later
                                  └──refused, or tried too often──▶ dropped, counted
    """

    def __init__(self, poster: Poster, envelope: Callable[[Sequence[str]], str], items_max: int) -> None:
        self._poster = poster
        self._envelope = envelope
        self._items_max = items_max
        self._waiting: deque[str] = deque()
        self._waiting_chars = 0
        self._batch: list[str] = []
        self._attempts = 0
        self._paused_until = 0.0
        self._warned = ""
        self._sent = 0
        self._dropped = 0
        self._failed_requests = 0

    @property
    def size(self) -> int:
        return len(self._waiting) + len(self._batch)

    def has_room(self) -> bool:
        return self.size < self._items_max and self._waiting_chars < QUEUE_CHARS_MAX

    def add(self, item: str) -> None:
        """In a full queue the item is dropped, and counted."""
        if not self.has_room():
            self._dropped += 1
            return
        self._waiting.append(item)
        self._waiting_chars += len(item)

    def send(self, hurry: bool) -> None:
        """Send what waits until the queue is empty or an attempt failed; in a hurry even during the pause after one."""
        if not hurry and time.monotonic() < self._paused_until:
            return
        while self.size > 0:
            self._batch = self._batch or self._take_batch()
            refusal = self._poster.post(self._envelope(self._batch))
            if refusal is None:
                self._sent += len(self._batch)
                self._next_batch()
                continue
            self._failed_requests += 1
            self._attempts += 1
            self._warn(refusal)
            attempts = self._attempts
            if not refusal.retry or attempts >= ATTEMPTS_MAX:
                self._dropped += len(self._batch)
                self._next_batch()
            # A refused batch says nothing about the next one; a silent receiver does.
            if refusal.retry:
                pause_s = _backoff_s(attempts) if refusal.after_s is None else refusal.after_s
                self._paused_until = time.monotonic() + pause_s
                return

    def close(self) -> None:
        """Nothing more is sent; what still waits is dropped."""
        self._dropped += self.size
        self._waiting.clear()
        self._batch = []
        self._poster.close()

    def stats(self) -> Stats:
        return Stats(self.size, self._sent, self._dropped, self._failed_requests)

    def _take_batch(self) -> list[str]:
        batch: list[str] = []
        chars = 0
        while self._waiting and len(batch) < BATCH_ITEMS_MAX:
            chars += len(self._waiting[0])
            if batch and chars > BATCH_CHARS_MAX:
                break
            batch.append(self._waiting.popleft())
            self._waiting_chars -= len(batch[-1])
        return batch

    def _next_batch(self) -> None:
        self._batch = []
        self._attempts = 0

    def _warn(self, refusal: Refusal) -> None:
        """Once per reason: the counter tells the rest."""
        if refusal.reason != self._warned:
            self._warned = refusal.reason
            logger.warning("telemetry not delivered: %s", refusal.reason)


def _backoff_s(attempts: int) -> float:
    """Doubling, with up to half of it at random so that many processes do not come back at the same moment."""
    full = min(BACKOFF_FIRST_S * 2.0**attempts, BACKOFF_MAX_S)
    return full * random.uniform(0.5, 1.0)
