"""What a file in `frameworks/` says about itself, and the words its expectations are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kit import shop
from kit.cases import CASES, Case

Expected = dict[str, str | None]


@dataclass(frozen=True)
class Recording:
    title: str
    # Which agent, in which form of the framework.
    how: str
    # Runs the agent once. Tracing and instrumentation are its own business.
    run: Callable[[], None]
    # The cases it is recorded in, and how its runs must be judged.
    expect: Mapping[str, list[Expected]]
    # Cases only this framework has.
    own_cases: Mapping[str, Case] = field(default_factory=dict)

    def case(self, name: str) -> Case:
        return self.own_cases.get(name) or CASES[name]


def completed(**more: str | None) -> Expected:
    return _expected("completed", **more)


def failed(**more: str | None) -> Expected:
    return _expected("failed", **more)


def stalled(phase: str, step: str, **more: str | None) -> Expected:
    return _expected("stalled", phase=phase, step=step, **more)


def waiting(**more: str | None) -> Expected:
    return _expected("waiting", phase="waiting", **more)


def _expected(
    status: str,
    agent: str | None = shop.AGENT,
    phase: str | None = None,
    step: str | None = None,
    session: str | None = None,
    user: str | None = None,
    run: str | None = None,
    confidence: str = "T3",
) -> Expected:
    return {
        "agent": agent,
        "status": status,
        "phase": phase,
        "step": step,
        "session": session,
        "user": user,
        "run": run,
        "confidence": confidence,
    }
