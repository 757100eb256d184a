"""The three wire forms in which the frameworks speak to a model."""

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

USAGE_TOKENS = (120, 12)


@dataclass(frozen=True)
class Tool:
    name: str
    schema: dict

    def arguments(self) -> dict[str, str]:
        return {name: "c-1" for name in self.schema.get("properties", {})}


@dataclass(frozen=True)
class Dialect:
    path: re.Pattern[str]
    offered: Callable[[dict], list[Tool]]
    called: Callable[[dict], set[str]]
    call: Callable[[dict, Tool], dict]
    answer: Callable[[dict, str], dict]
    chunks: Callable[[dict], list[str]]


def _new_id(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:12]}"


# --- Chat Completions


def _chat_offered(body: dict) -> list[Tool]:
    return [Tool(each["function"]["name"], each["function"].get("parameters", {})) for each in body.get("tools") or []]


def _chat_called(body: dict) -> set[str]:
    calls = [call for message in body["messages"] for call in message.get("tool_calls") or []]
    return {call["function"]["name"] for call in calls}


def _chat_reply(body: dict, message: dict, finish_reason: str) -> dict:
    prompt, completion = USAGE_TOKENS
    return {
        "id": _new_id("chatcmpl"),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }


def _chat_call(body: dict, tool: Tool) -> dict:
    function = {"name": tool.name, "arguments": json.dumps(tool.arguments())}
    calls = [{"index": 0, "id": _new_id("call"), "type": "function", "function": function}]
    return _chat_reply(body, {"content": None, "tool_calls": calls}, "tool_calls")


def _chat_chunks(reply: dict) -> list[str]:
    (choice,) = reply["choices"]
    common = {key: reply[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    delta = {"index": 0, "delta": choice["message"], "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    chunks = [{"choices": [delta]}, {"choices": [last]}, {"choices": [], "usage": reply["usage"]}]
    return [json.dumps(common | chunk) for chunk in chunks] + ["[DONE]"]


CHAT = Dialect(
    path=re.compile(r"/chat/completions$"),
    offered=_chat_offered,
    called=_chat_called,
    call=_chat_call,
    answer=lambda body, text: _chat_reply(body, {"content": text}, "stop"),
    chunks=_chat_chunks,
)


# --- Responses


def _responses_called(body: dict) -> set[str]:
    items = body["input"] if isinstance(body["input"], list) else []
    return {item["name"] for item in items if item.get("type") == "function_call"}


def _responses_reply(body: dict, item: dict) -> dict:
    prompt, completion = USAGE_TOKENS
    return {
        "id": _new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "model": body["model"],
        "output": [item | {"status": "completed"}],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": body.get("tools") or [],
        "usage": {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": prompt + completion,
        },
    }


def _responses_call(body: dict, tool: Tool) -> dict:
    call = {"type": "function_call", "id": _new_id("fc"), "call_id": _new_id("call")}
    return _responses_reply(body, call | {"name": tool.name, "arguments": json.dumps(tool.arguments())})


def _responses_answer(body: dict, text: str) -> dict:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return _responses_reply(body, {"type": "message", "id": _new_id("msg"), "role": "assistant", "content": content})


RESPONSES = Dialect(
    path=re.compile(r"/responses$"),
    offered=lambda body: [Tool(each["name"], each.get("parameters") or {}) for each in body.get("tools") or []],
    called=_responses_called,
    call=_responses_call,
    answer=_responses_answer,
    chunks=lambda reply: [json.dumps({"type": "response.completed", "sequence_number": 0, "response": reply})],
)


# --- Gemini


def _gemini_offered(body: dict) -> list[Tool]:
    declared = [each for group in body.get("tools") or [] for each in group.get("functionDeclarations", [])]
    return [Tool(each["name"], each.get("parameters_json_schema") or each.get("parameters") or {}) for each in declared]


def _gemini_called(body: dict) -> set[str]:
    parts = [part for content in body["contents"] for part in content.get("parts", [])]
    return {part["functionCall"]["name"] for part in parts if "functionCall" in part}


def _gemini_reply(part: dict) -> dict:
    prompt, completion = USAGE_TOKENS
    return {
        "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": prompt,
            "candidatesTokenCount": completion,
            "totalTokenCount": prompt + completion,
        },
    }


GEMINI = Dialect(
    path=re.compile(r":(generate|streamGenerate)Content$"),
    offered=_gemini_offered,
    called=_gemini_called,
    call=lambda _body, tool: _gemini_reply({"functionCall": {"name": tool.name, "args": tool.arguments()}}),
    answer=lambda _body, text: _gemini_reply({"text": text}),
    chunks=lambda reply: [json.dumps(reply)],
)

DIALECTS = (CHAT, RESPONSES, GEMINI)
