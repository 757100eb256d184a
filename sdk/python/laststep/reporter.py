"""The way out of a process: queues, sends, and keeps the pulse."""

import atexit
import logging
import os
import threading
import time
import uuid
import weakref
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal
from urllib.parse import urlsplit

from .attributes import ATTR
from .code_location import working_directory
from .export_queue import ExportQueue, Stats
from .loop_watch import LoopWatch
from .otlp_json import LogRecord, encode_log_record, encode_logs, encode_resource, encode_traces
from .post_json import Poster
from .pulse import Pulse
from .source import Source

logger = logging.getLogger("laststep")

FLUSH_MS: Final = 200
QUEUE_MAX: Final = 10_000
PULSE_MS: Final = 5_000
REQUEST_TIMEOUT_S: Final = 10.0
STOP_MAX_S: Final = 3.0


class Reporter:
    """Calls never raise, never block and never keep the process alive; a collector that is away costs the counter
    `stats().dropped`. Its two threads start with the first thing to tell, in a forked process anew, so that installing
    it before a fork, as servers with workers do, is safe.
    """

    def __init__(
        self,
        endpoint: str = "http://127.0.0.1:4318",
        service_name: str = "unknown_service",
        *,
        service_version: str | None = None,
        environment: str | None = None,
        instance_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        flush_ms: int = FLUSH_MS,
        queue_max: int = QUEUE_MAX,
        pulse_ms: int = PULSE_MS,
        compat: Literal["g-research"] | None = None,
    ) -> None:
        """
        :param endpoint: base URL of the collector's OTLP/HTTP port
        :param instance_id: one process; random unless given, and again in every fork
        :param headers: sent with every request; for a collector that asks who you are
        :param flush_ms: from something happening to its record leaving
        :param queue_max: records, and finished spans, that may wait; more are dropped and counted
        :param pulse_ms: between two pulses; 0 for none
        :param compat: `g-research`: repeat every open span at the pulse's interval, for a collector that expires the
            silent ones
        :raises ValueError: when an option cannot be used; the message says which
        """
        self._base = _read_endpoint(endpoint)
        if service_name == "":
            raise ValueError("laststep: service_name must not be empty; it names your runtime")
        self.instance_id = instance_id or str(uuid.uuid4())
        #: How long a repeated open span stays believable, as `partial.frequency` says it.
        self.repeat_ms = pulse_ms or PULSE_MS
        #: True when open spans must be repeated although nothing about them changed.
        self.repeats = compat == "g-research"
        self._names = {
            ATTR.service_name: service_name,
            ATTR.service_version: service_version,
            ATTR.environment: environment,
        }
        self._headers = dict(headers or {})
        self._flush_s = flush_ms / 1_000
        #: Records, and finished spans, that may wait.
        self.queue_max = queue_max
        self._pulse_ms = pulse_ms
        self._sources: list[Source] = []
        self._begin()
        atexit.register(self.stop)
        if hasattr(os, "register_at_fork"):
            # The hook cannot be taken back: a reporter that is gone must not live on in it.
            after_fork = weakref.WeakMethod(self._begin_as_fork)
            os.register_at_fork(after_in_child=lambda: (again := after_fork()) and again())

    def _begin(self) -> None:
        """Everything that belongs to one process."""
        #: Resource attributes of everything sent.
        self.resource: Mapping[str, str | int] = {
            **{key: value for key, value in self._names.items() if value is not None},
            ATTR.service_instance_id: self.instance_id,
            "process.pid": os.getpid(),
            # Code locations are told relative to it; with it the collector shortens the stacks of exceptions alike.
            ATTR.working_directory: working_directory(),
        }
        self._resource_json = encode_resource(self.resource)
        self._incoming: deque[LogRecord] = deque()
        self._refused = 0
        self._records = self._open_queue("/v1/logs", encode_logs)
        self._spans = self._open_queue("/v1/traces", encode_traces)
        self._loops = LoopWatch()
        self._flushes: deque[threading.Event] = deque()
        self._woken = threading.Event()
        self._hurry = threading.Event()
        self._starting = threading.Lock()
        self._is_awake = False
        self.is_stopping = False
        self._thread: threading.Thread | None = None
        self._pulse: Pulse | None = None

    def _begin_as_fork(self) -> None:
        if self.is_stopping:
            return
        self.instance_id = str(uuid.uuid4())
        for source in self._sources:
            source.forget()
        # The parent keeps its connections; here they are only let go of.
        self._records.close()
        self._spans.close()
        self._begin()

    def _open_queue(self, path: str, encode: Callable[[str, Sequence[str]], str]) -> ExportQueue:
        resource = self._resource_json
        return ExportQueue(self._open_poster(path), lambda items: encode(resource, items), self.queue_max)

    def _open_poster(self, path: str) -> Poster:
        return Poster(self._base + path, self._headers, REQUEST_TIMEOUT_S)

    def has_room(self) -> bool:
        """False while the queue of records is full."""
        return self._records.has_room() and self._records.size + len(self._incoming) < self.queue_max

    def report(self, record: LogRecord) -> None:
        """Queue a record; one that finds no room is dropped and counted."""
        if len(self._incoming) >= self.queue_max:
            self.drop()
            return
        self._incoming.append(record)
        self.wake()

    def drop(self) -> None:
        """Something found no room, and is only counted."""
        self._refused += 1

    def report_span(self, scope_spans: str) -> None:
        """Queue a finished span, encoded by `encode_scope_spans`. For sources, while they are asked."""
        self._spans.add(scope_spans)

    def encode_traces(self, scope_spans: Sequence[str]) -> str:
        """Wrap spans the way this process sends them: OTLP/JSON `TracesData`."""
        return encode_traces(self._resource_json, scope_spans)

    def add_source(self, source: Source) -> None:
        self._sources.append(source)

    def see_loop(self, loop: AbstractEventLoop) -> None:
        """Work was seen on this event loop: from now on the pulse says how late it is."""
        self._loops.see(loop)

    def wake(self) -> None:
        """There is something to collect: flush within `flush_ms`."""
        if self._is_awake or self.is_stopping:
            return
        self._is_awake = True
        self._start()
        self._woken.set()

    def flush(self, timeout_s: float = STOP_MAX_S) -> bool:
        """Collect and send everything now. False when that took longer; a failed attempt is not waited for."""
        if self._thread is None or self.is_stopping:
            return True
        done = threading.Event()
        self._flushes.append(done)
        self._hurry.set()
        self._woken.set()
        return done.wait(timeout_s)

    def stop(self) -> None:
        """Goodbye: open spans get a stop record, the pulse its last beat, and all is sent. Takes 3 s at most.
        Called for you when the interpreter exits in good order."""
        if self.is_stopping:
            return
        self.is_stopping = True
        atexit.unregister(self.stop)
        if self._thread is None:
            return
        until = time.monotonic() + STOP_MAX_S
        self._hurry.set()
        self._woken.set()
        if self._pulse is not None:
            self._pulse.stop(until)
        self._thread.join(max(0.0, until - time.monotonic()))

    def stats(self) -> Stats:
        records, spans = self._records.stats(), self._spans.stats()
        return Stats(
            queued=records.queued + spans.queued + len(self._incoming),
            sent=records.sent + spans.sent,
            dropped=records.dropped + spans.dropped + self._refused,
            failed_requests=records.failed_requests + spans.failed_requests,
        )

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="laststep-reporter", daemon=True)
            try:
                thread.start()
                if self._pulse_ms > 0:
                    poster = self._open_poster("/v1/logs")
                    self._pulse = Pulse(poster, self._encode_beat, self._list_open, self._loops, self._pulse_ms)
            except RuntimeError as error:
                # An interpreter that is going away starts no threads.
                logger.warning("nothing will be reported: %s", error)
                self.is_stopping = True
                return
            self._thread = thread

    def _run(self) -> None:
        stopping = False
        while not stopping:
            self._woken.wait()
            # Waits on purpose: a span that ends meanwhile costs nothing.
            self._hurry.wait(self._flush_s)
            hurried = self._hurry.is_set()
            self._hurry.clear()
            self._woken.clear()
            # From here on a wake asks for another turn; what came before it is collected in this one.
            self._is_awake = False
            asked = [self._flushes.popleft() for _ in range(len(self._flushes))]
            stopping = self.is_stopping
            if stopping:
                self._each_source(lambda source: source.stop(time.time_ns()))
            again = self._collect()
            self._records.send(hurried)
            self._spans.send(hurried)
            for done in asked:
                done.set()
            if again or self._records.size + self._spans.size > 0:
                self.wake()
        self._records.close()
        self._spans.close()

    def _collect(self) -> bool:
        now = time.time_ns()
        # Every source is asked, whatever the others answer.
        again = self._each_source(lambda source: source.collect(now))
        while self._incoming:
            self._records.add(encode_log_record(self._incoming.popleft()))
        return again

    def _each_source(self, ask: Callable[[Source], bool | None]) -> bool:
        again = False
        for source in self._sources:
            try:
                again = bool(ask(source)) or again
            except Exception:
                # Ours to mend, and no reason to stop telling what the others know.
                logger.exception("%s failed", type(source).__name__)
        return again

    def _list_open(self) -> list[str]:
        return [ref for source in self._sources for ref in source.list_open()]

    def _encode_beat(self, record: LogRecord) -> str:
        attributes = {**record.attributes, ATTR.pulse_dropped: self.stats().dropped}
        return encode_logs(self._resource_json, [encode_log_record(replace(record, attributes=attributes))])


def _read_endpoint(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f'laststep: endpoint must be an http(s) URL such as http://127.0.0.1:4318, not "{endpoint}"'
        raise ValueError(message)
    return endpoint.rstrip("/")
