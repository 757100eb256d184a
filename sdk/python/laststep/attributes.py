"""Names on the telemetry wire: what this package uses of `contract/attributes.ts`. A test holds the two together."""

from typing import Final


class RECORD:
    """`LogRecord.event_name` of the records this package sends."""

    span_start: Final = "laststep.span.start"
    span_snapshot: Final = "laststep.span.snapshot"
    span_end: Final = "laststep.span.end"
    pulse: Final = "laststep.pulse"
    run: Final = "laststep.run"
    delivery: Final = "laststep.delivery"
    connection: Final = "laststep.connection"


class ATTR:
    # What a span is about.
    phase: Final = "laststep.phase"
    run_id: Final = "laststep.run.id"
    agent: Final = "gen_ai.agent.name"
    operation: Final = "gen_ai.operation.name"
    tool_name: Final = "gen_ai.tool.name"
    model: Final = "gen_ai.request.model"
    conversation_id: Final = "gen_ai.conversation.id"
    session_id: Final = "session.id"
    user_id: Final = "user.id"
    progress: Final = "laststep.progress"
    waiting: Final = "laststep.waiting"
    error_type: Final = "error.type"

    # Where in the code.
    code_file: Final = "code.file.path"
    code_line: Final = "code.line.number"
    code_function: Final = "code.function.name"

    # Open spans.
    seq: Final = "laststep.seq"
    span_path: Final = "laststep.span.path"
    span_ids_path: Final = "laststep.span.ids_path"
    span_starts_path: Final = "laststep.span.starts_path"
    stop_reason: Final = "laststep.stop_reason"
    partial_event: Final = "partial.event"
    partial_frequency: Final = "partial.frequency"
    partial_body_type: Final = "partial.body.type"

    # Pulse.
    pulse_seq: Final = "laststep.pulse.seq"
    pulse_interval_ms: Final = "laststep.pulse.interval_ms"
    pulse_open: Final = "laststep.pulse.open"
    pulse_open_not_listed: Final = "laststep.pulse.open_not_listed"
    pulse_loop_delay_ms: Final = "laststep.pulse.loop_delay_p99_ms"
    pulse_loop_blocked_ms: Final = "laststep.pulse.loop_blocked_ms"
    pulse_dropped: Final = "laststep.pulse.records_dropped"
    pulse_last: Final = "laststep.pulse.last"

    # Run.
    run_state: Final = "laststep.run.state"
    run_outcome: Final = "laststep.run.outcome"
    run_reason: Final = "laststep.run.reason"

    # Delivery: one message to one connection.
    delivery_seq: Final = "laststep.delivery.seq"
    delivery_epoch: Final = "laststep.delivery.epoch"
    delivery_event: Final = "laststep.delivery.event"
    delivery_attempt: Final = "laststep.delivery.attempt"
    delivery_states: Final = "laststep.delivery.states"
    delivery_at: Final = "laststep.delivery.at"
    delivery_targets: Final = "laststep.delivery.targets"
    delivery_bytes: Final = "laststep.delivery.bytes"
    delivery_reason: Final = "laststep.delivery.reason"
    delivery_tool_call_id: Final = "laststep.delivery.tool_call_id"

    # Connection.
    connection_id: Final = "laststep.connection.id"
    connection_state: Final = "laststep.connection.state"
    connection_acks: Final = "laststep.connection.acks"
    close_code: Final = "laststep.connection.close_code"
    client_close_code: Final = "laststep.connection.client_close_code"
    close_reason: Final = "laststep.connection.close_reason"
    close_by: Final = "laststep.connection.close_by"

    # Resource.
    service_name: Final = "service.name"
    service_version: Final = "service.version"
    service_instance_id: Final = "service.instance.id"
    environment: Final = "deployment.environment.name"
    working_directory: Final = "process.working_directory"


#: The stack an open step stands in, innermost call last. Python's own: `contract/attributes.ts` does not name it,
#: because the collector shows it and decides nothing by it (OpenTelemetry `code.stacktrace`, stable).
CODE_STACKTRACE: Final = "code.stacktrace"
