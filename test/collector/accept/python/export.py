"""A run with one tool that fails, and a log record within it, sent by the exporters Python applications use.

python export.py http|grpc ENDPOINT none|gzip
"""

import logging
import sys

from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode

protocol, endpoint, compression = sys.argv[1:]

if protocol == "http":
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    packed = Compression.Gzip if compression == "gzip" else Compression.NoCompression
    spans = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", compression=packed)
    logs = OTLPLogExporter(endpoint=f"{endpoint}/v1/logs", compression=packed)
else:
    import grpc
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    packed = grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression
    spans = OTLPSpanExporter(endpoint=endpoint, insecure=True, compression=packed)
    logs = OTLPLogExporter(endpoint=endpoint, insecure=True, compression=packed)

resource = Resource.create({"service.name": "python-shop"})
tracers = TracerProvider(resource=resource)
tracers.add_span_processor(BatchSpanProcessor(spans))
loggers = LoggerProvider(resource=resource)
loggers.add_log_record_processor(BatchLogRecordProcessor(logs))
set_logger_provider(loggers)
logger = logging.getLogger("shop")
logger.addHandler(LoggingHandler(logger_provider=loggers))

tracer = tracers.get_tracer("shop", "1.2.3")
with tracer.start_as_current_span("invoke_agent support", attributes={"gen_ai.operation.name": "invoke_agent"}):
    with tracer.start_as_current_span("execute_tool search", attributes={"laststep.progress": 2**40}) as tool:
        logger.warning("no such order")
        tool.record_exception(TypeError("no such order"))
        tool.set_status(Status(StatusCode.ERROR, "failed"))

tracers.shutdown()
loggers.shutdown()
