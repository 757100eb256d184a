"""A collector that only remembers: OTLP/HTTP on loopback, every request kept as OTLP/JSON with its receive time."""

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from kit.otlp_json import to_otlp_json

MESSAGES = {"/v1/traces": ExportTraceServiceRequest, "/v1/logs": ExportLogsServiceRequest}


class Receiver:
    def __init__(self) -> None:
        self._received: list[tuple[float, str, dict]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def requests(self) -> list[dict]:
        """In the corpus format, `afterMs` counted from the first."""
        first = min((at for at, _, _ in self._received), default=0.0)
        return [
            {"afterMs": round((at - first) * 1000), "signal": path.removeprefix("/v1/"), "body": body}
            for at, path, body in self._received
        ]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                at = time.monotonic()
                data = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("content-encoding") == "gzip":
                    data = gzip.decompress(data)
                # Metrics are exported by some of the frameworks too; the corpus is about runs.
                if self.path in MESSAGES:
                    receiver._received.append((at, self.path, self._read(data)))
                self._answer()

            def do_GET(self) -> None:
                # Logfire asks who its token belongs to; any JSON will do.
                self._answer()

            def _read(self, data: bytes) -> dict:
                if self.headers.get("content-type", "").startswith("application/json"):
                    return json.loads(data)
                return to_otlp_json(MESSAGES[self.path].FromString(data))

            def _answer(self) -> None:
                body = b"{}"
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        return Handler
