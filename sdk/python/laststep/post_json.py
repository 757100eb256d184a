"""HTTP out: the only file of the package that opens connections. Used by one thread at a time."""

# Looking up a host needs this codec, which Python loads at the first look-up: here rather than in two threads at once.
import encodings.idna  # noqa: F401
import gzip
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from opentelemetry import context

#: Below this a body is sent as it is: the gain is smaller than the work.
GZIP_FROM_BYTES: Final = 1_024
#: Speed matters more than the last per cent: this runs beside the user's program, on the same interpreter.
GZIP_LEVEL: Final = 1
#: OTLP/HTTP specification, "Retryable Response Codes".
RETRYABLE: Final = frozenset({429, 502, 503, 504})
RETRY_AFTER_MAX_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Refusal:
    #: Whether sending the same again can help.
    retry: bool
    #: The receiver's own wish.
    after_s: float | None
    reason: str


class Poster:
    """Posts JSON to one address over one connection that is kept. Never raises."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path
        self._headers = {**headers, "content-type": "application/json"}
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None

    def post(self, text: str) -> Refusal | None:
        """None when accepted."""
        # A lone surrogate, which Python texts may hold, has no UTF-8.
        body = text.encode("utf-8", "replace")
        headers = self._headers
        if len(body) >= GZIP_FROM_BYTES:
            body = gzip.compress(body, GZIP_LEVEL)
            headers = {**headers, "content-encoding": "gzip"}
        was_kept = self._connection is not None
        # Spans of this package's own requests would be exported in turn: ask instrumentations not to make any.
        token = context.attach(context.set_value("suppress_instrumentation", True))
        try:
            try:
                return self._send(body, headers)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                # The receiver closed a connection it had kept open: that says nothing about it now.
                if not was_kept:
                    raise
                self.close()
                return self._send(body, headers)
        except Exception as error:
            # Mostly OSError and HTTPException. Whatever else it is, it must not end the thread that tells.
            self.close()
            return Refusal(retry=True, after_s=None, reason=f"{type(error).__name__}: {error}")
        finally:
            context.detach(token)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _send(self, body: bytes, headers: Mapping[str, str]) -> Refusal | None:
        connection = self._connection = self._connection or self._connect()
        connection.request("POST", self._path, body, headers)
        response = connection.getresponse()
        # The answer's body is of no use; unread it would keep the connection busy.
        response.read()
        if 200 <= response.status < 300:
            return None
        wish = response.getheader("retry-after", "")
        return Refusal(
            retry=response.status in RETRYABLE,
            after_s=min(float(wish), RETRY_AFTER_MAX_S) if wish.isdecimal() else None,
            reason=f"answered {response.status} {response.reason}".strip(),
        )

    def _connect(self) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
        trust = ssl.create_default_context()
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_s, context=trust)
