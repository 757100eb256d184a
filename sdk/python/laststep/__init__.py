"""Tells a Laststep collector what an agent runtime is doing *while* it does it.

::

    import laststep
    laststep.install("http://127.0.0.1:4318", service_name="my-agents")
"""

from .deliveries import Delivery, DeliveryRecorder, record_connection
from .finished_spans import FinishedSpans
from .install import Installed, install
from .open_spans import OpenSpans
from .record_run import RunRecorder, record_run
from .reporter import Reporter

__all__ = [
    "Delivery",
    "DeliveryRecorder",
    "FinishedSpans",
    "Installed",
    "OpenSpans",
    "Reporter",
    "RunRecorder",
    "install",
    "record_connection",
    "record_run",
]
