"""The heartbeat of a process, from a thread of its own: a blocked event loop still beats, and says so."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from .attributes import ATTR, RECORD
from .loop_watch import LoopWatch
from .otlp_json import LogRecord
from .post_json import Poster

LOOK_EVERY_MS: Final = 100
#: A loop is asked every 100 ms; it is late when it missed several turns, not one.
LATE_AFTER_MS: Final = 500
#: From here on a late loop is worth a beat of its own.
BLOCKED_AFTER_MS: Final = 1_000
#: After a beat that was not heard the next one comes sooner.
REPEAT_AFTER_MS: Final = 1_000
#: Spans in one list; a beat stays below half a megabyte.
LISTED_MAX: Final = 4_096


@dataclass(frozen=True, slots=True)
class PulseState:
    """What the pulse remembers between two looks; times in ms."""

    seq: int = 0
    beat_at: float | None = None
    looked_at: float = 0.0
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    state: PulseState
    beat: bool
    blocked_ms: int


def next_beat(state: PulseState, late_ms: float, interval_ms: float, now: float) -> Look:
    """Decide whether it is time to beat: at the interval, and at once when the loop stops turning or turns again.

    A look that itself comes late (machine asleep, a C function that holds the interpreter) says nothing about the loop.
    """
    own_delay = state.beat_at is not None and now - state.looked_at > LATE_AFTER_MS
    blocked_ms = 0 if late_ms < LATE_AFTER_MS or own_delay else round(late_ms)
    is_blocked = blocked_ms > (0 if state.blocked else BLOCKED_AFTER_MS)
    blocked = state.blocked if own_delay else is_blocked
    beat = state.beat_at is None or now - state.beat_at >= interval_ms or blocked != state.blocked
    seq = state.seq + 1 if beat else state.seq
    return Look(PulseState(seq, now if beat else state.beat_at, now, blocked), beat, blocked_ms)


class Pulse:
    """Beats until it is stopped. Never keeps the process alive."""

    def __init__(
        self,
        poster: Poster,
        encode: Callable[[LogRecord], str],
        list_open: Callable[[], list[str]],
        loops: LoopWatch,
        interval_ms: int,
    ) -> None:
        """:param poster: of its own, since a slow answer to other records must not hold up the beat
        :param encode: makes the request's body"""
        self._poster = poster
        self._encode = encode
        self._list_open = list_open
        self._loops = loops
        self._interval_ms = interval_ms
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="laststep-pulse", daemon=True)
        self._thread.start()

    def stop(self, until: float) -> None:
        """Beat a last time, saying goodbye; wait for it until this `time.monotonic()` at most."""
        self._stopping.set()
        self._thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        state, heard = PulseState(), True
        while not self._stopping.wait(LOOK_EVERY_MS / 1_000):
            interval_ms = self._interval_ms if heard else REPEAT_AFTER_MS
            look = next_beat(state, self._loops.look(), interval_ms, time.monotonic() * 1_000)
            state = look.state
            if look.beat:
                heard = self._send(self._record(state, look.blocked_ms))
        self._send(self._record(replace(state, seq=state.seq + 1), 0, last=True))
        self._poster.close()

    def _send(self, record: LogRecord) -> bool:
        """Whether it was heard. It is never tried again: an old list of open spans would deny those started since."""
        return self._poster.post(self._encode(record)) is None

    def _record(self, state: PulseState, blocked_ms: int, last: bool = False) -> LogRecord:
        listed = self._list_open()
        attributes = {
            ATTR.pulse_seq: state.seq,
            ATTR.pulse_interval_ms: self._interval_ms,
            ATTR.pulse_open: listed[:LISTED_MAX],
            ATTR.pulse_open_not_listed: max(0, len(listed) - LISTED_MAX),
            ATTR.pulse_loop_delay_ms: self._loops.take_delay_p99_ms(),
            ATTR.pulse_loop_blocked_ms: blocked_ms,
            ATTR.pulse_last: True if last else None,
        }
        return LogRecord(RECORD.pulse, time.time_ns(), attributes)
