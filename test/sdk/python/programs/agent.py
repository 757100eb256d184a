"""An agent whose tool asks a server that never answers, or computes without end on the event loop.

agent.py ENDPOINT RUN_ID hangs|blocks

Prints a line when the tool is at work. SIGTERM ends it in good order, as servers do.
"""

import asyncio
import json
import signal
import sys
import time

import laststep

endpoint, run_id, how = sys.argv[1:]
installed = laststep.install(endpoint, "python-agents", pulse_ms=500)
deliveries = laststep.DeliveryRecorder()


async def ask_server(order: str) -> str:
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    return f"{order}: {await answered}"  # hangs


def compute() -> None:
    until = time.monotonic() + 8
    while time.monotonic() < until:
        time.sleep(0.01)  # blocks


async def search_orders() -> None:
    if how == "blocks":
        # Let the loop turn once more, so that the pulse knows it.
        await asyncio.sleep(0.5)
        compute()
    await asyncio.wait_for(ask_server("A-1"), 3_600)


def stop() -> None:
    """Goodbye first: what is cancelled afterwards did not end by itself, and is not told as if it had."""
    installed.shutdown()
    sys.exit(0)


async def run() -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    async with laststep.record_run(run_id, "support", user_id="ada") as recorder:
        recorder.accepted()
        recorder.started()
        started = deliveries.message(run_id, 1, "agent_started", "conn_1", targets=1)
        for state in ("routed", "queued", "written", "transported", "received"):
            started.reach(state)
        async with recorder.phase("reasoning", "gpt-5"):
            await asyncio.sleep(0.05)
        async with recorder.phase("tool", "search_orders"):
            print(json.dumps({"event": "listening"}), flush=True)
            await search_orders()
        recorder.ended("succeeded")


asyncio.run(run())
