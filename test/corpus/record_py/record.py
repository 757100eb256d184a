"""
Record what a framework really sends, case by case, into ../<framework>/<case>.json.

    python record.py <framework> [case…]
    python record.py <framework> --expect-only    writes the expectations anew, keeps what was recorded

Each case runs in a process of its own (this file again, with `--play`) against a receiver and a model on loopback.
Run it by `npm run corpus:record-py -- <framework>`, which makes the framework's virtual environment first.
"""

import importlib
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from kit.cases import Case
from kit.model import Model
from kit.otlp_json import Json, neutral
from kit.receiver import Receiver
from kit.recording import Recording

HERE = Path(__file__).parent
CORPUS = HERE.parent
ROOT = CORPUS.parent.parent
ENDS_WITHIN_SECONDS = 90
FILE_BYTES_MAX = 60_000
# The longer ones first: one may lie within another.
PLACES = {sys.prefix: "/venv", sys.base_prefix: "/python", str(ROOT): "/app", platform.node(): "host"}


def main(framework: str, only: list[str]) -> None:
    recording = load(framework)
    for name in only or recording.expect:
        requests = watch(framework, name, recording.case(name))
        record = {
            "framework": recording.title,
            "packages": versions(framework),
            "recorded": True,
            "how": f"{recording.how} {recording.case(name).how}",
            "requests": neutral(requests, PLACES),
            "expect": recording.expect[name],
        }
        write(framework, name, record)


def expect_anew(framework: str) -> None:
    for name, expected in load(framework).expect.items():
        recorded = json.loads(file_of(framework, name).read_text())
        write(framework, name, recorded | {"expect": expected})


def load(framework: str) -> Recording:
    return importlib.import_module(f"frameworks.{framework.replace('-', '_')}").RECORDING


def watch(framework: str, name: str, case: Case) -> list[dict]:
    """Run one case to its end, or into its hang, and return what was received meanwhile."""
    receiver, model = Receiver(), Model(case.model)
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "LOGFIRE_BASE_URL": receiver.url,
        # A second instead of five: the order in which spans arrive is the same, and nobody waits.
        "OTEL_BSP_SCHEDULE_DELAY": "1000",
        "RECORD_TOOL": "hangs" if case.tool_hangs else "returns",
        "RECORD_OPEN_SPANS": "yes" if case.open_spans else "no",
    }
    command = [sys.executable, "-B", __file__, "--play", framework]
    surroundings = os.environ | environment | model.environment() | case.environment
    process = subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE)
    try:
        if case.hangs:
            wait_for_silence(process, model, case.killed_after)
        else:
            wait_for_end(process, fails=case.model == "refuses")
    finally:
        process.kill()
        process.wait()
        model.stop()
        receiver.stop()
    return receiver.requests()


def wait_for_end(process: subprocess.Popen, fails: bool) -> None:
    _, errors = process.communicate(timeout=ENDS_WITHIN_SECONDS)
    if (process.returncode != 0) != fails:
        raise RuntimeError(f"it ended with {process.returncode}: {errors.decode()}")


def wait_for_silence(process: subprocess.Popen, model: Model, seconds: float) -> None:
    """The model is asked last, in every case: what hangs after that is the model or the tool it asked for."""
    until = time.monotonic() + ENDS_WITHIN_SECONDS
    while (model.idle_seconds() or 0) < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"it ended instead of hanging: {process.stderr.read().decode()}")
        if time.monotonic() > until:
            raise RuntimeError(f"it asked no model within {ENDS_WITHIN_SECONDS} s")
        time.sleep(0.1)


def write(framework: str, name: str, record: dict) -> None:
    file = file_of(framework, name)
    file.parent.mkdir(exist_ok=True)
    file.write_text(as_text(record))
    size = file.stat().st_size
    print(f"{framework}/{name}: {len(record['requests'])} requests, {size} bytes", flush=True)
    if size > FILE_BYTES_MAX:
        raise RuntimeError(f"{file.name} is larger than {FILE_BYTES_MAX} bytes")


def file_of(framework: str, name: str) -> Path:
    return CORPUS / framework / f"{name}.json"


def as_text(record: dict) -> str:
    """JSON with a line for each fact, request and run, so that a recording made again is read as a change."""
    lines = [f"  {json.dumps(key)}: {_value_text(value)}" for key, value in record.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _value_text(value: Json) -> str:
    compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if not isinstance(value, list):
        return compact(value)
    return "[\n" + ",\n".join(f"    {compact(item)}" for item in value) + "\n  ]"


def versions(framework: str) -> dict[str, str]:
    """Of the packages its requirements name."""
    lines = (HERE / "requirements" / f"{framework}.txt").read_text().splitlines()
    names = [re.split(r"[\[=]", line)[0] for line in lines if line and not line.startswith("#")]
    return {name: importlib.metadata.version(name) for name in names}


if __name__ == "__main__":
    if sys.argv[1] == "--play":
        load(sys.argv[2]).run()
    elif "--expect-only" in sys.argv:
        expect_anew(sys.argv[1])
    else:
        main(sys.argv[1], sys.argv[2:])
