"""Protobuf requests as OTLP/JSON: opentelemetry-proto's specification.md wants hex ids and integer enums."""

import base64
from collections.abc import Mapping

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

IDS = {"traceId", "spanId", "parentSpanId"}
TEXT_CHARACTERS_MAX = 400


def to_otlp_json(request: Message) -> dict:
    return _hex_ids(MessageToDict(request, use_integers_for_enums=True))


def neutral(value: Json, places: Mapping[str, str]) -> Json:
    """Without long texts, which say nothing about where a run is, and without the recording machine's folders."""
    if isinstance(value, list):
        return [neutral(item, places) for item in value]
    if isinstance(value, dict):
        return {key: neutral(item, places) for key, item in value.items()}
    return _cut(_rename(value, places)) if isinstance(value, str) else value


def _rename(text: str, places: Mapping[str, str]) -> str:
    for place, name in places.items():
        text = text.replace(place, name)
    return text


def _cut(text: str) -> str:
    """A stack trace says most at its ends. A span in the body of a log record stays whole, or nobody could read it."""
    if len(text) <= TEXT_CHARACTERS_MAX or text.startswith('{"resourceSpans"'):
        return text
    half = TEXT_CHARACTERS_MAX // 2
    return f"{text[:half]} … {text[-half:]}"


def _hex_ids(value: Json) -> Json:
    if isinstance(value, list):
        return [_hex_ids(item) for item in value]
    if isinstance(value, dict):
        return {
            key: base64.b64decode(item).hex() if key in IDS and isinstance(item, str) else _hex_ids(item)
            for key, item in value.items()
        }
    return value
