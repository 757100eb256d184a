"""Where in the user's code a span was started."""

import os
import sysconfig
from enum import IntEnum
from types import CodeType, FrameType
from typing import Final, NamedTuple

import opentelemetry.sdk.trace
import opentelemetry.trace


class Owner(IntEnum):
    """Whose code a frame runs: the more of the user's own, the better it says where a program is."""

    MACHINERY = 0  # Python's own modules, OpenTelemetry, this package
    PACKAGE = 1
    USER = 2


class Place(NamedTuple):
    """A line of a frame, kept without the frame, which would keep alive everything the function holds."""

    code: CodeType
    line: int

    @property
    def file(self) -> str:
        """Relative to the working directory when inside it."""
        return _relative(self.code.co_filename)

    @property
    def function(self) -> str:
        """`Orchestrator.run` for a method, `run` for a function; without its class before Python 3.11."""
        name: str = getattr(self.code, "co_qualname", self.code.co_name)
        return name.replace(".<locals>", "")


#: Frames looked at from a span's start outwards. Wrappers such as instrumentations take a handful.
FRAMES_MAX: Final = 24

_PATHS: Final = sysconfig.get_paths()
#: The API and the SDK are namespace packages: their common folder is the parent of `opentelemetry/trace`.
_MACHINERY: Final = tuple(
    os.path.join(os.path.dirname(path), "")
    for path in (
        __file__,
        os.path.dirname(opentelemetry.trace.__file__),
        os.path.dirname(opentelemetry.sdk.trace.__file__),
    )
)
_STDLIB: Final = tuple({os.path.join(_PATHS[name], "") for name in ("stdlib", "platstdlib")})
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

#: By file name, since telling costs more than a span may. As many as the program has files.
_owners: dict[str, Owner] = {}


def find_start(frame: FrameType | None) -> Place | None:
    """The innermost line of the user's own at or outside this frame; of a package when the user has none near."""
    fallback: FrameType | None = None
    for _ in range(FRAMES_MAX):
        if frame is None:
            break
        name = frame.f_code.co_filename
        owner = _owners.get(name)
        if owner is None:
            owner = owner_of(name)
        if owner == Owner.USER:
            return Place(frame.f_code, frame.f_lineno)
        if owner == Owner.PACKAGE and fallback is None:
            fallback = frame
        frame = frame.f_back
    return None if fallback is None else Place(fallback.f_code, fallback.f_lineno)


def find_innermost(places: list[Place]) -> Place | None:
    """Of a stack, outermost call first: the innermost line of the user's own, else of a package."""
    best: Place | None = None
    rank = Owner.MACHINERY
    for place in places:
        owner = owner_of(place.code.co_filename)
        if owner != Owner.MACHINERY and owner >= rank:
            best, rank = place, owner
    return best


def owner_of(file: str) -> Owner:
    owner = _owners.get(file)
    if owner is None:
        owner = _owners[file] = _classify(file)
    return owner


def _classify(file: str) -> Owner:
    # `<frozen importlib._bootstrap>`, `<string>`: there is no file to open.
    if file.startswith("<") or file.startswith(_MACHINERY):
        return Owner.MACHINERY
    if any(folder in file for folder in _INSTALLED):
        return Owner.PACKAGE
    return Owner.MACHINERY if file.startswith(_STDLIB) else Owner.USER


def working_directory() -> str:
    """Empty when somebody removed it."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _relative(file: str) -> str:
    directory = working_directory()
    folder = os.path.join(directory, "")
    return file[len(folder) :] if directory and file.startswith(folder) else file
