"""CrewAI with OpenInference's instrumentations of the crew and of the OpenAI client below it."""

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from openinference.instrumentation import using_attributes
from openinference.instrumentation.crewai import CrewAIInstrumentor
from openinference.instrumentation.openai import OpenAIInstrumentor

from kit.recording import Recording, completed, failed, stalled
from kit.shop import AGENT, INSTRUCTIONS, MODEL, QUESTION, SESSION, USER, search_orders
from kit.tracing import export_spans


def run() -> None:
    provider = export_spans()
    CrewAIInstrumentor().instrument(tracer_provider=provider)
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    agent = Agent(
        role=AGENT, goal=INSTRUCTIONS, backstory=INSTRUCTIONS, llm=LLM(f"openai/{MODEL}"), tools=[tool(search_orders)]
    )
    task = Task(name="answer", description=QUESTION, expected_output="One sentence.", agent=agent)
    with using_attributes(session_id=SESSION, user_id=USER):
        Crew(name="shop", agents=[agent], tasks=[task]).kickoff()


RECORDING = Recording(
    title="CrewAI with OpenInference",
    how="A Crew of one Agent with one tool and one Task, kickoff, a loopback Chat Completions model.",
    run=run,
    expect={
        "finished": [completed(agent="shop", session=SESSION, user=USER)],
        "failed": [failed(agent="shop", session=SESSION, user=USER)],
        "hung-in-model": [stalled("tool", "after search_orders", agent=None, session=SESSION, user=USER)],
        "hung-in-tool": [stalled("reasoning", "after ChatCompletion", agent=None, session=SESSION, user=USER)],
        "hung-in-model-open": [
            stalled("reasoning", "ChatCompletion", agent="shop", session=SESSION, user=USER, confidence="T1")
        ],
        "hung-in-tool-open": [
            stalled("tool", "search_orders", agent="shop", session=SESSION, user=USER, confidence="T1")
        ],
    },
)
