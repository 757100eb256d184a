"""Strands Agents with the tracing it brings."""

import os

from strands import Agent, tool
from strands.models.openai import OpenAIModel

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, USER, search_orders
from kit.tracing import export_spans


def run() -> None:
    export_spans()
    agent = Agent(
        name=AGENT,
        model=OpenAIModel(client_args={"base_url": os.environ["OPENAI_BASE_URL"]}, model_id=MODEL),
        tools=[tool(search_orders)],
        system_prompt=INSTRUCTIONS,
        trace_attributes={"session.id": SESSION, "user.id": USER},
        callback_handler=None,
    )
    agent(QUESTION)


RECORDING = Recording(
    title="Strands Agents",
    how="An Agent with one tool and trace_attributes, a loopback streaming Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION, user=USER)],
        "failed": [failed(session=SESSION, user=USER)],
        "hung-in-model": [stalled("tool", "after search_orders", agent=None, session=SESSION, user=USER)],
        "hung-in-tool": [stalled("reasoning", f"after chat {MODEL}", agent=None, session=SESSION, user=USER)],
        "hung-in-model-open": [stalled("reasoning", f"chat {MODEL}", session=SESSION, user=USER, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, user=USER, confidence="T1")],
    },
)
