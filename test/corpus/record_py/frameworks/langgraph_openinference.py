"""An agent of LangChain 1, which is a graph of LangGraph, instrumented by OpenInference."""

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, search_orders
from kit.tracing import export_spans
from langchain.agents import create_agent
from langchain_openai import ChatOpenAI
from openinference.instrumentation.langchain import LangChainInstrumentor


def run() -> None:
    LangChainInstrumentor().instrument(tracer_provider=export_spans())
    agent = create_agent(ChatOpenAI(model=MODEL), [search_orders], system_prompt=INSTRUCTIONS, name=AGENT)
    agent.invoke({"messages": [("user", QUESTION)]}, {"configurable": {"thread_id": SESSION}})


RECORDING = Recording(
    title="LangGraph 1 (Python) with OpenInference",
    how="create_agent with one tool, invoke, a loopback Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION)],
        "failed": [failed(session=SESSION)],
        "hung-in-model": [stalled("tool", "after search_orders", agent=None, session=SESSION)],
        "hung-in-tool": [stalled("reasoning", "after ChatOpenAI", agent=None, session=SESSION)],
        "hung-in-model-open": [stalled("reasoning", "ChatOpenAI", session=SESSION, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, confidence="T1")],
    },
)
