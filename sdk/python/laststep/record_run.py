"""Runs and their phases, for runtimes whose spans do not say yet what is a run and what is a step."""

import time
from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Final, Literal

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue

from .attributes import ATTR, RECORD
from .install import installed_reporter
from .otlp_json import LogRecord
from .reporter import Reporter

Phase = Literal[
    "connect", "auth", "ready", "accepted", "started", "reasoning", "tool", "waiting", "finalise", "terminal"
]
Outcome = Literal["succeeded", "failed", "cancelled"]
Attributes = Mapping[str, AttributeValue]

NO_ATTRIBUTES: Final[Attributes] = {}


def record_run(
    run_id: str,
    agent: str,
    *,
    user_id: str | None = None,
    session_id: str | None = None,
    attributes: Attributes = NO_ATTRIBUTES,
    tracer: Tracer | None = None,
    reporter: Reporter | None = None,
) -> "RunRecorder":
    """Do a run's work inside its span: `with record_run("run_1", "support") as run: …`, or `async with`. What the work
    raises is recorded on the span and raised on.

    :param session_id: the conversation, the thread
    :param tracer: of the global provider unless given
    :param reporter: that of `install` unless given
    """
    identity: dict[str, AttributeValue] = {ATTR.run_id: run_id, ATTR.agent: agent}
    if user_id is not None:
        identity[ATTR.user_id] = user_id
    if session_id is not None:
        identity |= {ATTR.session_id: session_id, ATTR.conversation_id: session_id}
    return RunRecorder(
        run_id,
        identity,
        f"invoke_agent {agent}",
        {ATTR.operation: "invoke_agent", **identity, **attributes},
        tracer or trace.get_tracer("laststep"),
        reporter or installed_reporter(),
    )


class Step:
    """A span that is current inside its `with` or `async with`."""

    def __init__(self, tracer: Tracer, name: str, attributes: Attributes, parent: Context | None = None) -> None:
        self._tracer = tracer
        self._name = name
        self._attributes = attributes
        self._parent = parent
        self._token: Token[Context] | None = None
        self.span: Span = trace.INVALID_SPAN

    def _begin(self) -> None:
        parent = otel_context.get_current() if self._parent is None else self._parent
        self.span = self._tracer.start_span(self._name, parent, attributes=self._attributes)
        self._token = otel_context.attach(trace.set_span_in_context(self.span, parent))

    def _end(self, error: BaseException | None) -> None:
        if self._token is not None:
            otel_context.detach(self._token)
        if error is not None:
            self.span.record_exception(error)
            self.span.set_attribute(ATTR.error_type, type(error).__qualname__)
            self.span.set_status(Status(StatusCode.ERROR, str(error)))
        self.span.end()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end(error)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._end(error)


class PhaseStep(Step):
    def __enter__(self) -> Span:
        self._begin()
        return self.span

    async def __aenter__(self) -> Span:
        return self.__enter__()


class RunRecorder(Step):
    """A run while its work is done."""

    def __init__(
        self,
        run_id: str,
        identity: Attributes,
        name: str,
        attributes: Attributes,
        tracer: Tracer,
        reporter: Reporter,
    ) -> None:
        super().__init__(tracer, name, attributes)
        self.run_id = run_id
        self._identity = identity
        self._reporter = reporter

    def __enter__(self) -> "RunRecorder":
        self._begin()
        return self

    async def __aenter__(self) -> "RunRecorder":
        return self.__enter__()

    def phase(self, phase: Phase, name: str | None = None, attributes: Attributes = NO_ATTRIBUTES) -> PhaseStep:
        """Do a phase's work inside a span of its own: `chat <name>` for reasoning, `execute_tool <name>` for a tool,
        else the phase's name. What the work raises is recorded on that span and raised on."""
        # Phases nest where the context is carried along; where it is not they are children of the run.
        is_inside = trace.get_current_span().get_span_context().is_valid
        parent = None if is_inside else trace.set_span_in_context(self.span)
        span_name, said = _describe_phase(phase, name)
        return PhaseStep(
            self._tracer, span_name, {ATTR.run_id: self.run_id, ATTR.phase: phase, **said, **attributes}, parent
        )

    def progress(self, span: Span, count: int = 1) -> None:
        """New content arrived inside a span: `count` pieces more. Keeps a long stream from looking stuck."""
        said = getattr(span, "attributes", None) or {}
        span.set_attribute(ATTR.progress, said.get(ATTR.progress, 0) + count)

    def accepted(self) -> None:
        self._say("accepted")

    def queued(self, reason: str | None = None) -> None:
        """It waits for its turn: for a free worker, a lock, another run; `started` ends that."""
        self._say("queued", reason=reason)

    def started(self) -> None:
        self._say("started")

    def waiting(self, reason: str | None = None) -> None:
        """The run waits for a person or another run; `resumed` ends that."""
        self._say("waiting", reason=reason)

    def resumed(self) -> None:
        self._say("resumed")

    def ended(self, outcome: Outcome, reason: str | None = None) -> None:
        """The run's own word on how it ended. Not said for you: a forgotten end is a fault worth seeing."""
        self._say("ended", outcome, reason)

    def _say(self, state: str, outcome: Outcome | None = None, reason: str | None = None) -> None:
        said = {ATTR.run_state: state, ATTR.run_outcome: outcome, ATTR.run_reason: reason}
        context = self.span.get_span_context()
        self._reporter.report(LogRecord(RECORD.run, time.time_ns(), {**self._identity, **said}, context))


def _describe_phase(phase: Phase, name: str | None) -> tuple[str, Attributes]:
    """Names and attributes of OpenTelemetry's GenAI conventions, so that other tools understand these spans as well."""
    match phase:
        case "reasoning":
            return _join("chat", name), {ATTR.operation: "chat", **({} if name is None else {ATTR.model: name})}
        case "tool":
            named = {} if name is None else {ATTR.tool_name: name}
            return _join("execute_tool", name), {ATTR.operation: "execute_tool", **named}
        case "waiting":
            return _join(phase, name), {ATTR.waiting: True}
        case _:
            return _join(phase, name), NO_ATTRIBUTES


def _join(verb: str, name: str | None) -> str:
    return verb if name is None else f"{verb} {name}"
