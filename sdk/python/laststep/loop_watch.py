"""How late the event loops of this process are, seen from a thread: a blocked loop cannot say so itself."""

import time
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Final

#: Programs have one loop, rarely one per thread. Beyond this loops are not watched.
LOOPS_MAX: Final = 8


class _Watched:
    """A ping at a time is on its way through the loop; when it is answered is how late the loop is."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self._asked_at: float | None = None
        self._delays_ms: list[float] = []

    def waits_ms(self, now: float) -> float:
        """For how long the ping on its way has not been answered. A loop that does not run has nothing to answer."""
        if not self.loop.is_running():
            self._asked_at = None
        return 0.0 if self._asked_at is None else (now - self._asked_at) * 1_000

    def ask(self, now: float) -> None:
        if self._asked_at is not None or not self.loop.is_running():
            return
        self._asked_at = now
        try:
            self.loop.call_soon_threadsafe(self._answer, now)
        except RuntimeError:
            # Closed between the two lines.
            self._asked_at = None

    def take_delays(self) -> list[float]:
        delays, self._delays_ms = self._delays_ms, []
        return delays

    def _answer(self, asked_at: float) -> None:
        self._delays_ms.append((time.monotonic() - asked_at) * 1_000)
        if self._asked_at == asked_at:
            self._asked_at = None


class LoopWatch:
    """Asked from the pulse's thread; told of loops from any."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._watched: dict[int, _Watched] = {}

    def see(self, loop: AbstractEventLoop) -> None:
        if id(loop) in self._watched:
            return
        if len(self._watched) >= LOOPS_MAX:
            # Loops that were left without being closed give way to those that run.
            self._watched = {key: each for key, each in self._watched.copy().items() if each.loop.is_running()}
        if len(self._watched) < LOOPS_MAX:
            self._watched[id(loop)] = _Watched(loop)

    def look(self) -> float:
        """Ask every loop that is not being asked. Returns for how long the latest one has not answered, in ms."""
        now = self._monotonic()
        worst = 0.0
        for key, watched in list(self._watched.items()):
            if watched.loop.is_closed():
                self._watched.pop(key, None)
                continue
            worst = max(worst, watched.waits_ms(now))
            watched.ask(now)
        return worst

    def take_delay_p99_ms(self) -> float | None:
        """Of the answers since the last call; None when there was no loop to ask."""
        delays = sorted(delay for watched in list(self._watched.values()) for delay in watched.take_delays())
        return delays[min(len(delays) - 1, len(delays) * 99 // 100)] if delays else None
