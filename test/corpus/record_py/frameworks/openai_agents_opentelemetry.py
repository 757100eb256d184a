"""The OpenAI Agents SDK for Python with OpenTelemetry's own instrumentations of it and of the client below it."""

from agents import Agent, Runner, function_tool
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.instrumentation.genai.openai_agents import OpenAIAgentsInstrumentor

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, search_orders_async
from kit.tracing import export_spans


def run() -> None:
    provider = export_spans()
    OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    agent = Agent(name=AGENT, instructions=INSTRUCTIONS, model=MODEL, tools=[function_tool(search_orders_async)])
    Runner.run_sync(agent, QUESTION)


RECORDING = Recording(
    title="OpenAI Agents SDK (Python) with OpenTelemetry's instrumentation",
    how="An Agent with one asynchronous function tool, Runner.run_sync, a loopback Responses model.",
    run=run,
    expect={
        "finished": [completed()],
        "failed": [failed()],
        "hung-in-model": [stalled("tool", "after search_orders", agent=None)],
        "hung-in-tool": [stalled("reasoning", f"after chat {MODEL}", agent=None)],
        "hung-in-model-open": [stalled("reasoning", f"chat {MODEL}", confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", confidence="T1")],
    },
)
