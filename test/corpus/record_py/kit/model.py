"""
A model over HTTP, for whatever client a framework uses: Chat Completions, Responses and Gemini.

It asks for each tool it is offered once, in order, and then ends as its script says: it answers, it hangs (the request
is accepted and no byte ever comes back) or it refuses (401).
"""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from kit.dialects import DIALECTS, Dialect

Ending = Literal["answers", "hangs", "refuses"]

ANSWER = "Order 17 was shipped yesterday."
# A revoked key: no client tries again, and no agent works around it.
REFUSAL = {
    "error": {
        "message": "Incorrect API key provided.",
        "type": "invalid_request_error",
        "code": "invalid_api_key",
    }
}


class Model:
    def __init__(self, ending: Ending) -> None:
        self.asked_at: float | None = None
        self._ending = ending
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def environment(self) -> dict[str, str]:
        """Where the clients look for their model."""
        return {
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_API_KEY": "no-key",
            "GOOGLE_GEMINI_BASE_URL": self.url,
            "GOOGLE_API_KEY": "no-key",
        }

    def idle_seconds(self) -> float | None:
        """Since it was last asked; None when nobody asked yet."""
        return None if self.asked_at is None else time.monotonic() - self.asked_at

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(model) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                model.asked_at = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
                path = self.path.partition("?")[0]
                dialect = next((each for each in DIALECTS if each.path.search(path)), None)
                if dialect is None:
                    return self._answer(404, {"error": {"message": f"no such path: {self.path}"}})
                self._reply(dialect, body, streams=bool(body.get("stream")) or path.endswith(":streamGenerateContent"))

            def _reply(self, dialect: Dialect, body: dict, streams: bool) -> None:
                called = dialect.called(body)
                wanted = next((tool for tool in dialect.offered(body) if tool.name not in called), None)
                if wanted is not None:
                    reply = dialect.call(body, wanted)
                elif model._ending == "hangs":
                    threading.Event().wait()
                elif model._ending == "refuses":
                    return self._answer(401, REFUSAL)
                else:
                    reply = dialect.answer(body, ANSWER)
                if streams:
                    return self._stream(dialect.chunks(reply))
                self._answer(200, reply)

            def _answer(self, status: int, value: dict) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _stream(self, chunks: list[str]) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                for chunk in chunks:
                    self.wfile.write(f"data: {chunk}\n\n".encode())
                    self.wfile.flush()

            def log_message(self, *args: object) -> None:
                pass

        return Handler


if __name__ == "__main__":
    # For tests of other programs: print the environment that leads clients here, and serve until killed.
    (ending,) = sys.argv[1:]
    print(json.dumps({"event": "listening", "environment": Model(ending).environment()}), flush=True)
    threading.Event().wait()
