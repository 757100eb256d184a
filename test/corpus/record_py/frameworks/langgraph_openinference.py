"""An agent of LangChain 1, which is a graph of LangGraph, instrumented by OpenInference."""

import os

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import interrupt
from openinference.instrumentation.langchain import LangChainInstrumentor

from kit.cases import Case
from kit.recording import Recording, completed, failed, stalled, waiting
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, search_orders
from kit.tracing import export_spans


def run() -> None:
    LangChainInstrumentor().instrument(tracer_provider=export_spans())
    tool, memory = (refund, InMemorySaver()) if "RECORD_INTERRUPT" in os.environ else (search_orders, None)
    model = ChatOpenAI(model=MODEL)
    agent = create_agent(model, [tool], system_prompt=INSTRUCTIONS, name=AGENT, checkpointer=memory)
    agent.invoke({"messages": [("user", QUESTION)]}, {"configurable": {"thread_id": SESSION}})


def refund(order: str) -> str:
    """Pay the price of an order back."""
    return interrupt(f"May order {order} be paid back?")


RECORDING = Recording(
    title="LangGraph 1 (Python) with OpenInference",
    how="create_agent with one tool, invoke, a loopback Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION)],
        "failed": [failed(session=SESSION)],
        "hung-in-model": [stalled("tool", "after search_orders", agent=None, session=SESSION)],
        "hung-in-tool": [stalled("reasoning", "after ChatOpenAI", agent=None, session=SESSION)],
        "waiting": [waiting(session=SESSION)],
        "hung-in-model-open": [stalled("reasoning", "ChatOpenAI", session=SESSION, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, confidence="T1")],
    },
    own_cases={
        "waiting": Case("The tool interrupts the graph to ask a person.", environment={"RECORD_INTERRUPT": "yes"})
    },
)
