"""A loop written by hand over the OpenAI client, with OpenTelemetry's own instrumentation of that client."""

import json

from openai import OpenAI
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

from kit.recording import Recording, completed, failed, stalled
from kit.shop import INSTRUCTIONS, MODEL, QUESTION, search_orders
from kit.tracing import export_spans

PARAMETERS = {"type": "object", "properties": {"customer": {"type": "string"}}, "required": ["customer"]}
TOOL = {"type": "function", "function": {"name": "search_orders", "parameters": PARAMETERS}}


def run() -> None:
    provider = export_spans()
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    client = OpenAI()
    messages = [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": QUESTION}]
    with provider.get_tracer("shop").start_as_current_span("answer_question"):
        while True:
            reply = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0].message
            messages.append(reply.model_dump(exclude_none=True))
            if not reply.tool_calls:
                return
            for call in reply.tool_calls:
                found = search_orders(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": found})


RECORDING = Recording(
    title="OpenAI Python client with OpenTelemetry's instrumentation",
    how="A loop over chat.completions.create within a hand-made span, a tool without a span of its own.",
    run=run,
    expect={
        "finished": [completed(agent="answer_question")],
        "failed": [failed(agent="answer_question")],
        "hung-in-model": [stalled("reasoning", f"after chat {MODEL}", agent=None)],
        "hung-in-tool": [stalled("reasoning", f"after chat {MODEL}", agent=None)],
        "hung-in-model-open": [stalled("reasoning", f"chat {MODEL}", agent="answer_question", confidence="T1")],
        "hung-in-tool-open": [stalled("reasoning", f"after chat {MODEL}", agent="answer_question", confidence="T1")],
    },
)
