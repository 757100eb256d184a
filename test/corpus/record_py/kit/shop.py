"""The shop every recorded agent works for: who asks what, and the one tool there is."""

import asyncio
import os
import threading

AGENT = "support"
MODEL = "gpt-5-mini"
INSTRUCTIONS = "You answer questions about orders."
QUESTION = "Where is my order?"
SESSION = "s-1"
USER = "u-1"

ORDERS = "Order 17, shipped yesterday."


def search_orders(customer: str) -> str:
    """Search the orders of a customer."""
    if tool_hangs():
        threading.Event().wait()
    return ORDERS


async def search_orders_async(customer: str) -> str:
    """Search the orders of a customer."""
    if tool_hangs():
        await asyncio.Event().wait()
    return ORDERS


# The model sees one tool, whichever way it is called.
search_orders_async.__name__ = search_orders.__name__


def tool_hangs() -> bool:
    return os.environ["RECORD_TOOL"] == "hangs"
