"""An agent of LangChain 1, which is a graph of LangGraph, instrumented by OpenLLMetry."""

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI
from opentelemetry.instrumentation.langchain import LangchainInstrumentor

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, search_orders
from kit.tracing import export_spans


def run() -> None:
    LangchainInstrumentor().instrument(tracer_provider=export_spans())
    agent = create_agent(ChatOpenAI(model=MODEL), [search_orders], system_prompt=INSTRUCTIONS, name=AGENT)
    agent.invoke({"messages": [("user", QUESTION)]}, {"configurable": {"thread_id": SESSION}})


RECORDING = Recording(
    title="LangGraph 1 (Python) with OpenLLMetry",
    how="create_agent with one tool, invoke, a loopback Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION)],
        "failed": [failed(session=SESSION)],
        "hung-in-model": [stalled("tool", "after search_orders", session=SESSION)],
        "hung-in-tool": [stalled("reasoning", f"after chat {MODEL}", session=SESSION)],
        "hung-in-model-open": [stalled("reasoning", f"chat {MODEL}", session=SESSION, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, confidence="T1")],
    },
)
