"""Google's Agent Development Kit with the tracing it brings."""

import asyncio

from google.adk.agents import LlmAgent
from google.adk.runners import InMemoryRunner
from google.genai.types import Content, Part

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, QUESTION, SESSION, USER, search_orders_async
from kit.tracing import export_spans

MODEL = "gemini-2.5-flash"


def run() -> None:
    export_spans()
    agent = LlmAgent(name=AGENT, model=MODEL, instruction=INSTRUCTIONS, tools=[search_orders_async])
    asyncio.run(ask(InMemoryRunner(agent, app_name="shop")))


async def ask(runner: InMemoryRunner) -> None:
    session = await runner.session_service.create_session(app_name="shop", user_id=USER, session_id=SESSION)
    question = Content(role="user", parts=[Part(text=QUESTION)])
    async for _event in runner.run_async(user_id=USER, session_id=session.id, new_message=question):
        pass


RECORDING = Recording(
    title="Google ADK (Python)",
    how="An LlmAgent with one asynchronous tool, an InMemoryRunner, a loopback Gemini model.",
    run=run,
    expect={
        "finished": [completed(session=SESSION)],
        "failed": [failed(session=SESSION)],
        "hung-in-model": [stalled("tool", "after search_orders", session=SESSION)],
        "hung-in-tool": [stalled("reasoning", f"after generate_content {MODEL}", session=SESSION)],
        "hung-in-model-open": [stalled("reasoning", f"generate_content {MODEL}", session=SESSION, confidence="T1")],
        "hung-in-tool-open": [stalled("tool", "search_orders", session=SESSION, confidence="T1")],
    },
)
