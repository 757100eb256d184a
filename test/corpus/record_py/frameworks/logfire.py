"""
Pydantic AI under the Logfire SDK, which announces every span when it starts, as a "pending span", to the server that
LOGFIRE_BASE_URL names.
"""

import os

import logfire
from pydantic_ai import Agent

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, search_orders_async


def run() -> None:
    # Logfire would send the finished spans there a second time.
    del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
    logfire.configure(token="any", service_name="shop", console=False)
    logfire.instrument_pydantic_ai()
    agent = Agent(f"openai-chat:{MODEL}", name=AGENT, instructions=INSTRUCTIONS, tools=[search_orders_async])
    agent.run_sync(QUESTION, conversation_id=SESSION)


# Open spans without a pulse: the step is known, whether its process lives is not.
RECORDING = Recording(
    title="Pydantic AI 2 under the Logfire SDK",
    how="An Agent with one asynchronous tool, run_sync, a loopback Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION)],
        "failed": [failed(session=SESSION)],
        "hung-in-model": [stalled("reasoning", f"chat {MODEL}", session=SESSION, confidence="T2")],
        "hung-in-tool": [stalled("tool", "search_orders", session=SESSION, confidence="T2")],
    },
)
