"""Pydantic AI with its own instrumentation: the version new programs get, and the span names older ones send."""

import os

from kit.cases import variant
from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, search_orders_async
from kit.tracing import export_spans
from pydantic_ai import Agent
from pydantic_ai.models.instrumented import InstrumentationSettings

VERSION_2 = {"RECORD_INSTRUMENTATION": "2"}


def run() -> None:
    export_spans()
    version = int(os.environ.get("RECORD_INSTRUMENTATION", "5"))
    Agent.instrument_all(InstrumentationSettings(version=version))
    agent = Agent(f"openai-chat:{MODEL}", name=AGENT, instructions=INSTRUCTIONS, tools=[search_orders_async])
    agent.run_sync(QUESTION, conversation_id=SESSION)


HUNG_IN_MODEL = [stalled("tool", "after search_orders", session=SESSION)]
HUNG_IN_TOOL = [stalled("reasoning", f"after chat {MODEL}", session=SESSION)]

RECORDING = Recording(
    title="Pydantic AI 2",
    how="An Agent with one asynchronous tool, run_sync, a loopback Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION)],
        "failed": [failed(session=SESSION)],
        "hung-in-model": HUNG_IN_MODEL,
        "hung-in-tool": HUNG_IN_TOOL,
        "finished-v2": [completed(session=SESSION)],
        "failed-v2": [failed(session=SESSION)],
        "hung-in-model-v2": HUNG_IN_MODEL,
        "hung-in-tool-v2": HUNG_IN_TOOL,
        "hung-in-model-open": [stalled("reasoning", f"chat {MODEL}", session=SESSION, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, confidence="T1")],
    },
    own_cases={
        f"{name}-v2": variant(name, "Instrumentation version 2.", VERSION_2)
        for name in ("finished", "failed", "hung-in-model", "hung-in-tool")
    },
)
