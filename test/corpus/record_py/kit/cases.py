"""What happens to the agent in each case, the same for every framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kit.model import Ending

# After the last sign of life, so that everything that will ever be exported has been.
KILLED_AFTER_SECONDS = 4.0
# With open spans the process also beats, every 5 s.
KILLED_AFTER_SECONDS_OPEN = 12.0


@dataclass(frozen=True)
class Case:
    how: str
    model: Ending = "answers"
    tool_hangs: bool = False
    open_spans: bool = False
    # For the framework's own file to read.
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def hangs(self) -> bool:
        return self.tool_hangs or self.model == "hangs"

    @property
    def killed_after(self) -> float:
        return KILLED_AFTER_SECONDS_OPEN if self.open_spans else KILLED_AFTER_SECONDS


HANGS_IN_MODEL = "The request to the model after the tool call is accepted and never answered"
HANGS_IN_TOOL = "The tool never returns"
KILLED = "the process is killed (SIGKILL) {:.0f} s after the last sign of life."

CASES = {
    "finished": Case("The model asks for the tool, then answers; the process ends in good order."),
    "failed": Case("The model asks for the tool, then refuses the next request with status 401.", model="refuses"),
    "hung-in-model": Case(f"{HANGS_IN_MODEL}; {KILLED.format(KILLED_AFTER_SECONDS)}", model="hangs"),
    "hung-in-tool": Case(f"{HANGS_IN_TOOL}; {KILLED.format(KILLED_AFTER_SECONDS)}", tool_hangs=True),
    "hung-in-model-open": Case(
        f"laststep.install() is called. {HANGS_IN_MODEL}; {KILLED.format(KILLED_AFTER_SECONDS_OPEN)}",
        model="hangs",
        open_spans=True,
    ),
    "hung-in-tool-open": Case(
        f"laststep.install() is called. {HANGS_IN_TOOL}; {KILLED.format(KILLED_AFTER_SECONDS_OPEN)}",
        tool_hangs=True,
        open_spans=True,
    ),
}


def variant(name: str, how: str, environment: Mapping[str, str]) -> Case:
    """A case with a difference that only one framework knows."""
    return replace(CASES[name], how=f"{how} {CASES[name].how}", environment=environment)
