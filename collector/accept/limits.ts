/**
 * How much of one record Laststep reads, in UTF-16 units unless named otherwise. Whatever is longer is cut, never
 * refused: a run must be seen even when somebody put a novel into its name. The log keeps every byte.
 */
import { seconds, type Millis } from '../../contract/units.ts'

export const NAME_MAX = 1_024
export const VALUE_MAX = 65_536
/** A log record's body: a snapshot of an open span travels in one. */
export const BODY_MAX = 4 * 1_048_576
/** Attributes that are held in memory with a run. */
export const KNOWN_VALUE_MAX = 1_024
export const STACKTRACE_MAX = 16_384
/** Spans around a span, where it lists them. */
export const PATH_MAX = 64
/** Attributes of one record, and its events and links: what OpenTelemetry's SDKs keep by default. */
export const ATTRIBUTES_MAX = 128
export const EVENTS_MAX = 128
export const LINKS_MAX = 128
/** Arrays in lists in arrays: deeper ones are left out. */
export const DEPTH_MAX = 32

/** Largest request, as sent and decompressed: the default that opentelemetry-proto 1.11 recommends. */
export const BODY_BYTES_MAX = 64 * 1_048_576

/** For requests under way when the collector stops: longer than a commit may take before it is given up. */
export const STOP_GRACE: Millis = seconds(3)
