"""The two lines."""

import logging
import os
from collections.abc import Mapping
from typing import Any, Final, Literal

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from .attributes import ATTR
from .finished_spans import FinishedSpans
from .open_spans import CodeLocation, OpenSpans
from .reporter import FLUSH_MS, PULSE_MS, QUEUE_MAX, Reporter

logger = logging.getLogger("laststep")

#: What OpenTelemetry calls a service nobody named begins like this.
UNNAMED: Final = "unknown_service"


#: The last one, for `record_run`.
_installed: "Installed | None" = None


class Installed:
    """What `install` put in place."""

    def __init__(self, reporter: Reporter, provider: trace.TracerProvider) -> None:
        self.reporter = reporter
        self.provider = provider

    def shutdown(self) -> None:
        """Goodbye: spans still open are told as stopped, and all is sent. Takes 3 s at most. Called for you when the
        interpreter exits in good order; a signal that kills it does not give it the time."""
        self.reporter.stop()


def install(
    endpoint: str = "http://127.0.0.1:4318",
    service_name: str | None = None,
    *,
    service_version: str | None = None,
    environment: str | None = None,
    headers: Mapping[str, str] | None = None,
    code_location: CodeLocation = "open",
    finished_spans: bool | None = None,
    flush_ms: int = FLUSH_MS,
    queue_max: int = QUEUE_MAX,
    pulse_ms: int = PULSE_MS,
    compat: Literal["g-research"] | None = None,
) -> Installed:
    """Tell a Laststep collector about the spans of this process while they are open.

    Joins the global tracer provider, whatever exporters it has; makes one when there is none. Call it once.

    :param service_name: that of the provider's resource unless given
    :param finished_spans: send spans that ended to `endpoint` as well; unless given, yes, except when there is a
        provider and the environment (`OTEL_EXPORTER_OTLP_ENDPOINT`) names that endpoint already
    :raises ValueError: when an option cannot be used; the message says which

    The other options are those of `Reporter` and `OpenSpans`.
    """
    global _installed
    provider = trace.get_tracer_provider()
    is_missing = isinstance(provider, trace.ProxyTracerProvider)
    known = Resource.create() if is_missing else getattr(provider, "resource", Resource.get_empty())
    reporter = Reporter(
        endpoint,
        _text(known, ATTR.service_name) or UNNAMED if service_name is None else service_name,
        service_version=service_version or _text(known, ATTR.service_version),
        environment=environment or _text(known, ATTR.environment),
        instance_id=_text(known, ATTR.service_instance_id),
        headers=headers,
        flush_ms=flush_ms,
        queue_max=queue_max,
        pulse_ms=pulse_ms,
        compat=compat,
    )
    if is_missing:
        provider = TracerProvider(resource=known.merge(Resource(dict(reporter.resource))))
        trace.set_tracer_provider(provider)
    # A provider made here has no exporter, whatever the environment says.
    sends = is_missing or not _sends_traces_to(endpoint) if finished_spans is None else finished_spans
    processors = [OpenSpans(reporter, code_location=code_location), *([FinishedSpans(reporter)] if sends else [])]
    join: Any = getattr(provider, "add_span_processor", None)
    if join is None:
        logger.warning("nothing will be reported: %s takes no span processors", type(provider).__name__)
    else:
        for processor in processors:
            join(processor)
    _installed = Installed(reporter, provider)
    return _installed


def installed_reporter() -> Reporter:
    """:raises RuntimeError: when nothing is installed"""
    if _installed is None:
        raise RuntimeError("laststep: call laststep.install() first, or pass a reporter")
    return _installed.reporter


def _text(resource: Resource, key: str) -> str | None:
    value = resource.attributes.get(key)
    return value if isinstance(value, str) and value != "" else None


def _sends_traces_to(endpoint: str) -> bool:
    """True when the environment already sends finished spans to our collector."""
    base = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    traces = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (base and f"{base.rstrip('/')}/v1/traces")
    return traces == f"{endpoint.rstrip('/')}/v1/traces"
