"""What the tests share: a real OTLP/HTTP receiver that remembers, and waiting."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from opentelemetry.sdk.trace import TracerProvider

import laststep

T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """A log record with its OTLP wrapping taken off."""

    event: str
    attributes: dict[str, Any]
    #: The one span of its body; empty when it has none.
    span: dict[str, Any]
    span_attributes: dict[str, Any]
    resource: dict[str, Any]
    raw: dict[str, Any]


class Receiver:
    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        #: Answered instead of 200, once each.
        self.refusals: list[int] = []
        #: Close the connection after each answer, without a word about it.
        self.hangs_up = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.refusals.pop(0) if receiver.refusals else 200
                if status == 200:
                    text = gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body
                    receiver.requests.append((self.path, json.loads(text)))
                self.send_response(status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                self.close_connection = receiver.hangs_up

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def records(self, event: str | None = None) -> list[Record]:
        logs = [entry for path, body in list(self.requests) if path == "/v1/logs" for entry in body["resourceLogs"]]
        found = [
            _read_record(raw, entry["resource"])
            for entry in logs
            for scope in entry["scopeLogs"]
            for raw in scope["logRecords"]
        ]
        return [record for record in found if event is None or record.event == event]

    def spans(self) -> list[dict[str, Any]]:
        traces = [
            entry for path, body in list(self.requests) if path == "/v1/traces" for entry in body["resourceSpans"]
        ]
        return [span for entry in traces for scope in entry["scopeSpans"] for span in scope["spans"]]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def reporting(**options: Any) -> Iterator[tuple[Receiver, laststep.Reporter, TracerProvider]]:
    """A receiver, a reporter that sends to it, and a provider whose open spans it hears of."""
    receiver = Receiver()
    code_location = options.pop("code_location", "open")
    reporter = laststep.Reporter(receiver.url, "test", **{"flush_ms": 20, "pulse_ms": 0, **options})
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(laststep.OpenSpans(reporter, code_location=code_location))
    try:
        yield receiver, reporter, provider
    finally:
        reporter.stop()
        receiver.stop()


def wait_for(look: Callable[[], T | None], limit_s: float = 10.0) -> T:
    """The first answer that is not empty."""
    until = time.monotonic() + limit_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"not seen within {limit_s} s")
        time.sleep(0.01)


def line_of(file: str, marker: str) -> int:
    """The line that holds `# <marker>`."""
    with open(file, encoding="utf-8") as text:
        return next(number for number, line in enumerate(text, 1) if line.rstrip().endswith(f"# {marker}"))


def _read_record(raw: dict[str, Any], resource: dict[str, Any]) -> Record:
    body = json.loads(raw["body"]["stringValue"]) if "body" in raw else {}
    span = body["resourceSpans"][0]["scopeSpans"][0]["spans"][0] if "resourceSpans" in body else {}
    return Record(
        event=raw["eventName"],
        attributes=read_attributes(raw["attributes"]),
        span=span,
        span_attributes=read_attributes(span.get("attributes", [])),
        resource=read_attributes(resource["attributes"]),
        raw=raw,
    )


def read_attributes(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["key"]: _read_value(each["value"]) for each in attributes}


def _read_value(value: dict[str, Any]) -> Any:
    if "arrayValue" in value:
        return [_read_value(item) for item in value["arrayValue"]["values"]]
    if "intValue" in value:
        return int(value["intValue"])
    return next(iter(value.values()))
