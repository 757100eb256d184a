"""Our encoding against the exporter's own: the same span, field by field."""

import base64
import json
import unittest
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from laststep.otlp_json import (
    SNAPSHOT,
    WHOLE,
    SpanParts,
    encode_attributes,
    encode_resource,
    encode_scope_spans,
    encode_traces,
)

RESOURCE = Resource({"service.name": "shop"})
PROVIDER = TracerProvider(resource=RESOURCE, shutdown_on_exit=False)


class AgainstTheExporter(unittest.TestCase):
    def test_a_finished_span(self) -> None:
        span = _rich_span()
        span.end()
        self.assertEqual(_ours(span, span.end_time), _theirs(span))

    def test_an_open_span_differs_in_nothing_but_the_end_it_does_not_have(self) -> None:
        span = _rich_span()
        ours = _ours(span, None)
        self.assertEqual(ours.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano, 0)
        self.assertNotIn("endTimeUnixNano", _encode(span, None))
        self.assertEqual(ours, _theirs(span))


class Values(unittest.TestCase):
    def test_what_json_or_the_protocol_cannot_hold(self) -> None:
        cases: list[tuple[object, dict[str, Any]]] = [
            (True, {"boolValue": True}),
            (1, {"intValue": "1"}),
            (2**70, {"stringValue": str(2**70)}),
            (float("nan"), {"doubleValue": "NaN"}),
            (float("-inf"), {"doubleValue": "-Infinity"}),
            (b"\x00\xff", {"bytesValue": "AP8="}),
            ((1, "a"), {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "a"}]}}),
            ({"a": 1}, {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "1"}}]}}),
            (object(), {}),
        ]
        for value, encoded in cases:
            with self.subTest(value):
                self.assertEqual(encode_attributes({"key": value}), [{"key": "key", "value": encoded}])
        self.assertEqual(encode_attributes({"nothing": None}), [])

    def test_a_snapshot_is_cut_and_a_finished_span_is_not(self) -> None:
        attributes = {f"key{number}": "x" * 5_000 for number in range(200)}
        cut = encode_attributes(attributes, SNAPSHOT)
        self.assertEqual((len(cut), len(cut[0]["value"]["stringValue"])), (128, 4_097))
        whole = encode_attributes(attributes, WHOLE)
        self.assertEqual((len(whole), len(whole[0]["value"]["stringValue"])), (200, 5_000))


def _rich_span() -> Any:
    tracer = PROVIDER.get_tracer("scope", "1.2")
    remote = SpanContext(1 << 100, 1 << 50, is_remote=True, trace_flags=TraceFlags(1))
    parent = trace.set_span_in_context(trace.NonRecordingSpan(remote))
    attributes = {"text": "ünï", "yes": True, "whole": 7, "part": 0.5, "many": ["a", "b"]}
    span = tracer.start_span("chat", parent, SpanKind.CLIENT, attributes, [Link(remote, {"why": "resumed"})])
    span.add_event("chunk", {"n": 1})
    span.record_exception(ValueError("bad"))
    span.set_status(Status(StatusCode.ERROR, "bad"))
    return span


def _encode(span: ReadableSpan, ended_at: int | None) -> str:
    context = span.get_span_context()
    assert context is not None
    parts = SpanParts(span, context, dict(span.attributes or {}), ended_at)
    return encode_traces(encode_resource(RESOURCE.attributes), [encode_scope_spans(parts, WHOLE)])


def _ours(span: ReadableSpan, ended_at: int | None) -> TracesData:
    return ParseDict(_ids_in_base64(json.loads(_encode(span, ended_at))), TracesData())


def _theirs(span: ReadableSpan) -> TracesData:
    theirs = TracesData.FromString(encode_spans([span]).SerializeToString())
    for encoded in theirs.resource_spans[0].scope_spans[0].spans:
        # opentelemetry-proto has a span's trace flags in the low bits; Python's exporter leaves them out.
        for flagged in (encoded, *encoded.links):
            flagged.flags |= TraceFlags.SAMPLED
    return theirs


def _ids_in_base64(value: Any) -> Any:
    """Protobuf's own JSON writes ids in base64; OTLP's writes them in hex."""
    if isinstance(value, list):
        return [_ids_in_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64encode(bytes.fromhex(each)).decode()
        if key in ("traceId", "spanId", "parentSpanId")
        else _ids_in_base64(each)
        for key, each in value.items()
    }


if __name__ == "__main__":
    unittest.main()
