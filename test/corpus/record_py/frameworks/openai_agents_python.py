"""The OpenAI Agents SDK for Python, whose own tracing is turned into OpenTelemetry by OpenInference."""

import os

from agents import Agent, Runner, function_tool
from openinference.instrumentation import using_attributes
from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor

from kit.cases import variant
from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, USER, search_orders_async
from kit.tracing import export_spans


def run() -> None:
    OpenAIAgentsInstrumentor().instrument(tracer_provider=export_spans())
    agent = Agent(name=AGENT, instructions=INSTRUCTIONS, model=MODEL, tools=[function_tool(search_orders_async)])
    if "RECORD_HANDOFF" in os.environ:
        agent = Agent(name="triage", instructions="You hand questions over.", model=MODEL, handoffs=[agent])
    with using_attributes(session_id=SESSION, user_id=USER):
        Runner.run_sync(agent, QUESTION)


RECORDING = Recording(
    title="OpenAI Agents SDK (Python) with OpenInference",
    how="An Agent with one asynchronous function tool, Runner.run_sync, a loopback Responses model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION, user=USER)],
        "failed": [failed(session=SESSION, user=USER)],
        "hung-in-model": [stalled("tool", "after search_orders", agent=None, session=SESSION, user=USER)],
        "hung-in-tool": [stalled("reasoning", "after response", agent=None, session=SESSION, user=USER)],
        # The run belongs to the agent that was asked.
        "handoff": [completed(agent="triage", session=SESSION, user=USER)],
        "hung-in-model-open": [stalled("reasoning", "response", session=SESSION, user=USER, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, user=USER, confidence="T1")],
    },
    own_cases={"handoff": variant("finished", "An agent triage hands over to it.", {"RECORD_HANDOFF": "yes"})},
)
