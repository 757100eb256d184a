"""
Pydantic AI with its own instrumentation: the version new programs get, and the span names older ones send; an agent
that has another one as its tool, and one whose tool a person must approve.
"""

import os

from pydantic_ai import Agent, ApprovalRequired, DeferredToolRequests
from pydantic_ai.models.instrumented import InstrumentationSettings

from kit.cases import Case, variant
from kit.recording import Recording, completed, failed, stalled, waiting
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, search_orders_async
from kit.tracing import export_spans

VERSION_2 = {"RECORD_INSTRUMENTATION": "2"}
SUB_AGENT = {"RECORD_AGENT": "sub-agent"}
WAITING = {"RECORD_AGENT": "waiting"}


def run() -> None:
    export_spans()
    version = int(os.environ.get("RECORD_INSTRUMENTATION", "5"))
    Agent.instrument_all(InstrumentationSettings(version=version))
    agent = make_agent(os.environ.get("RECORD_AGENT"))
    agent.run_sync(QUESTION, conversation_id=SESSION)


def make_agent(shape: str | None) -> Agent:
    model = f"openai-chat:{MODEL}"
    if shape == "waiting":
        output = [str, DeferredToolRequests]
        return Agent(model, name=AGENT, instructions=INSTRUCTIONS, tools=[refund], output_type=output)
    support = Agent(model, name=AGENT, instructions=INSTRUCTIONS, tools=[search_orders_async])
    if shape != "sub-agent":
        return support
    concierge = Agent(model, name="concierge", instructions="You pass questions on.")

    @concierge.tool_plain
    async def ask_support(question: str) -> str:
        """Ask the support."""
        return (await support.run(question)).output

    return concierge


def refund(order: str) -> str:
    """Pay the price of an order back."""
    raise ApprovalRequired


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
        # Two agents, one run: it is the outer one's.
        "sub-agent": [completed(agent="concierge", session=SESSION)],
        "waiting": [waiting(session=SESSION)],
        "finished-v2": [completed(session=SESSION)],
        "failed-v2": [failed(session=SESSION)],
        "hung-in-model-v2": HUNG_IN_MODEL,
        "hung-in-tool-v2": HUNG_IN_TOOL,
        "hung-in-model-open": [stalled("reasoning", f"chat {MODEL}", session=SESSION, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, confidence="T1")],
    },
    own_cases={
        "sub-agent": variant("finished", "The tool is another agent, which has the tool.", SUB_AGENT),
        "waiting": Case(
            "The tool raises ApprovalRequired, and the run ends with a DeferredToolRequests.", environment=WAITING
        ),
    }
    | {
        f"{name}-v2": variant(name, "Instrumentation version 2.", VERSION_2)
        for name in ("finished", "failed", "hung-in-model", "hung-in-tool")
    },
)
