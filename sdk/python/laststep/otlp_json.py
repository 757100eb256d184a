"""OTLP's JSON encoding (opentelemetry-proto, docs/specification.md "JSON Protobuf Encoding"): ids in hex, enums as
integers, 64-bit integers as decimal strings, names in lowerCamelCase."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A log record before encoding."""

    #: One of `RECORD`.
    event: str
    #: Nanoseconds since 1970.
    at: int
    #: Values that are None are left out.
    attributes: Mapping[str, object]
    context: SpanContext | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a span is sent."""

    #: Longer texts are cut.
    text_max: int
    attributes_max: int
    #: Events and links: the newest count.
    listed_max: int


UNLIMITED: Final = 1 << 62
#: A snapshot says where a span is, not everything it saw.
SNAPSHOT: Final = Limits(text_max=4_096, attributes_max=128, listed_max=32)
#: A finished span is sent as its SDK kept it: the SDK has limits of its own.
WHOLE: Final = Limits(text_max=UNLIMITED, attributes_max=UNLIMITED, listed_max=UNLIMITED)

SEVERITY_INFO: Final = 9
#: opentelemetry-proto, `SpanFlags`: bits 8 and 9 say whether the parent is in another process.
HAS_IS_REMOTE: Final = 0x100
IS_REMOTE: Final = 0x200

INT64_MAX: Final = (1 << 63) - 1

Encoded = dict[str, Any]

#: Made once: `json.dumps` with options makes a new encoder for every call.
_dump: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class SpanParts:
    """What of a span is sent: of an open span a copy, which its program can no longer change."""

    span: ReadableSpan
    context: SpanContext
    attributes: Mapping[str, object]
    #: None while the span is open: it has no end, and none is made up.
    ended_at: int | None = field(default=None)


def encode_resource(attributes: Mapping[str, object]) -> str:
    return _dump({"attributes": encode_attributes(attributes)})


def encode_logs(resource: str, records: Sequence[str]) -> str:
    """Body of a request to `/v1/logs`."""
    scope_logs = f'[{{"scope":{{"name":"laststep"}},"logRecords":[{",".join(records)}]}}]'
    return f'{{"resourceLogs":[{{"resource":{resource},"scopeLogs":{scope_logs}}}]}}'


def encode_traces(resource: str, scope_spans: Sequence[str]) -> str:
    """Body of a request to `/v1/traces`, and of every span record. Each part is one `encode_scope_spans`."""
    return f'{{"resourceSpans":[{{"resource":{resource},"scopeSpans":[{",".join(scope_spans)}]}}]}}'


def encode_log_record(record: LogRecord) -> str:
    at = str(record.at)
    encoded: Encoded = {
        "timeUnixNano": at,
        "observedTimeUnixNano": at,
        "severityNumber": SEVERITY_INFO,
        "severityText": "INFO",
        "eventName": record.event,
        "attributes": encode_attributes(record.attributes),
    }
    if record.body is not None:
        encoded["body"] = {"stringValue": record.body}
    if record.context is not None:
        encoded["traceId"] = format_trace_id(record.context.trace_id)
        encoded["spanId"] = format_span_id(record.context.span_id)
        encoded["flags"] = record.context.trace_flags
    return _dump(encoded)


def encode_scope_spans(parts: SpanParts, limits: Limits = SNAPSHOT) -> str:
    """One span inside its scope."""
    span, context, parent = parts.span, parts.context, parts.span.parent
    scope = span.instrumentation_scope
    encoded: Encoded = {
        "traceId": format_trace_id(context.trace_id),
        "spanId": format_span_id(context.span_id),
        "flags": _encode_flags(context.trace_flags, parent is not None and parent.is_remote),
        "name": _cut(str(span.name), limits),
        # The API counts kinds from 0, the protocol keeps 0 for "unspecified".
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time or 0),
        "attributes": encode_attributes(parts.attributes, limits),
        "events": [
            {
                "timeUnixNano": str(event.timestamp),
                "name": event.name,
                "attributes": encode_attributes(event.attributes or {}, limits),
            }
            for event in span.events[-limits.listed_max :]
        ],
        "links": [
            {
                "traceId": format_trace_id(link.context.trace_id),
                "spanId": format_span_id(link.context.span_id),
                "flags": _encode_flags(link.context.trace_flags, link.context.is_remote),
                "attributes": encode_attributes(link.attributes or {}, limits),
            }
            for link in span.links[-limits.listed_max :]
        ],
        "status": {"code": span.status.status_code.value},
        "droppedAttributesCount": span.dropped_attributes,
        "droppedEventsCount": span.dropped_events,
        "droppedLinksCount": span.dropped_links,
    }
    if parent is not None:
        encoded["parentSpanId"] = format_span_id(parent.span_id)
    if parts.ended_at is not None:
        encoded["endTimeUnixNano"] = str(parts.ended_at)
    if span.status.description is not None:
        encoded["status"]["message"] = span.status.description
    named = {"name": scope.name if scope else "", "version": scope.version if scope else None}
    return _dump({"scope": {key: value for key, value in named.items() if value is not None}, "spans": [encoded]})


def encode_attributes(attributes: Mapping[str, object], limits: Limits = SNAPSHOT) -> list[Encoded]:
    encoded: list[Encoded] = []
    for key, value in attributes.items():
        if value is None:
            continue
        if len(encoded) >= limits.attributes_max:
            break
        encoded.append({"key": key, "value": _encode_value(value, limits)})
    return encoded


def _encode_value(value: object, limits: Limits) -> Encoded:
    # A bool is an int in Python: it must be asked for first.
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": _cut(value, limits)}
    if isinstance(value, int):
        return {"intValue": str(value)} if -INT64_MAX <= value <= INT64_MAX else {"stringValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _name_of(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"bytesValue": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": encode_attributes(value, limits)}}
    if isinstance(value, Sequence):
        return {"arrayValue": {"values": [_encode_value(item, limits) for item in value]}}
    return {}


def _name_of(value: float) -> str:
    """JSON has no NaN or Infinity; the protocol writes them as text."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _encode_flags(trace_flags: int, is_remote: bool) -> int:
    """A span's own trace flags, and whether the other span, its parent or the linked one, is in another process."""
    return (trace_flags & 0xFF) | HAS_IS_REMOTE | (IS_REMOTE if is_remote else 0)


def _cut(text: str, limits: Limits) -> str:
    return text if len(text) <= limits.text_max else f"{text[: limits.text_max]}…"
