import { ATTR, RECORD } from '../contract/attributes.ts'
import type { Instant, Millis } from '../contract/units.ts'
import type { StackCapture } from './code-location.ts'
import type { Lineage } from './lineage.ts'
import type { Slot } from './open-span-table.ts'
import type { LiveSpan, ReadableSpan, SpanProcessor, SpanTime } from './readable-span.ts'
import type { Reporter, Source } from './reporter.ts'
import { nanosToInstant, seconds } from '../contract/units.ts'
import { captureStack, locateCode } from './code-location.ts'
import { extendLineage, NO_ANCESTORS, stampLineage } from './lineage.ts'
import { encodeScopeSpans } from './otlp-json.ts'
import { takeSnapshot, whatChanged } from './span-snapshot.ts'
import type { Snapshot } from './span-snapshot.ts'

export interface OpenSpansOptions {
  /**
   * Which spans learn the line that started them (`code.file.path`, `code.line.number`, `code.function.name`):
   * `open`, the default, those still open at their first flush, the only ones that can be stuck;
   * `always`, every span as it starts, which costs some 20 µs each; `off`, none.
   * What the user set is never changed.
   */
  readonly codeLocation?: 'always' | 'open' | 'off'
  /**
   * Write the names, ids and starts of its ancestors on every child (`laststep.span.path`, `.ids_path`, `.starts_path`),
   * true unless given: any exporter's finished spans then show which spans must still be open above them.
   */
  readonly ancestors?: boolean
}

/** An open span and what the collector was told about it. */
interface OpenSpan {
  readonly span: LiveSpan
  readonly slot: Slot
  readonly runId: string | null
  readonly ancestors: Lineage
  /** Its ancestors and itself, made when the first child starts and shared by all. */
  lineage: Lineage | null
  stack: StackCapture | null
  seq: number
  told: Snapshot | null
  toldAt: Instant
}

/** A program that never ends its spans must not fill the memory. Beyond this spans are not followed. */
const OPEN_MAX = 20_000
/** Open spans compared with what was told, per flush; the others have their turn at the next. */
const COMPARED_PER_FLUSH = 2_000
/** A stream of tokens moves `laststep.progress` all the time; the collector wants to know that it moves. */
const PROGRESS_EVERY: Millis = seconds(1)
/**
 * Stacks captured between two flushes. One costs about 5 µs (bench/sdk.ts), more than all the rest: this many a flush,
 * a thousand a second, stay below 1 % of a core whatever the program does. Spans beyond have no code location.
 */
const STACKS_PER_FLUSH = 200
const SAMPLED = 1

/**
 * A SpanProcessor that tells the collector about spans while they are open. Give it to any OpenTelemetry SDK 2.x or
 * 3.x, first in `spanProcessors`:
 *
 * ```
 * onStart ──▶ young ──flush──▶ told ──changed──▶ told again …
 *              │ onEnd           │ onEnd            laststep.span.start, .snapshot, .end
 *              ▼                 ▼
 *           nothing       laststep.span.end
 * ```
 *
 * A span that ends before the next flush costs a few stores in memory and nothing on the wire.
 */
export function openSpans(reporter: Reporter, options: OpenSpansOptions = {}): SpanProcessor {
  const processor = new OpenSpans(reporter, options)
  reporter.addSource(processor)
  return processor
}

class OpenSpans implements SpanProcessor, Source {
  readonly #reporter: Reporter
  readonly #codeLocation: 'always' | 'open' | 'off'
  readonly #ancestors: boolean
  readonly #open = new Map<string, OpenSpan>()
  readonly #young = new Set<OpenSpan>()
  /** A live iterator: it goes on where the last flush left off, also as spans come and go. */
  #compared = this.#open.values()
  #stacksLeft = STACKS_PER_FLUSH
  #droppedSeen = 0

  constructor(reporter: Reporter, { codeLocation = 'open', ancestors = true }: OpenSpansOptions) {
    this.#reporter = reporter
    this.#codeLocation = codeLocation
    this.#ancestors = ancestors
  }

  onStart(span: LiveSpan): void {
    const { traceId, spanId, traceFlags } = span.spanContext()
    if ((traceFlags & SAMPLED) === 0 || this.#open.size >= OPEN_MAX) return
    const parentId = span.parentSpanContext?.spanId
    const parent = (parentId !== undefined && this.#open.get(parentId)) || null
    const ownRun = span.attributes[ATTR.runId]
    const open: OpenSpan = {
      span,
      slot: this.#reporter.openSpans.claim(traceId, spanId, parentId, span.startTime, String(span.name)),
      runId: typeof ownRun === 'string' ? ownRun : (parent?.runId ?? null),
      ancestors:
        this.#ancestors && parent !== null
          ? (parent.lineage ??= extendLineage(parent.ancestors, parent.span))
          : NO_ANCESTORS,
      lineage: null,
      stack: null,
      seq: 0,
      told: null,
      toldAt: 0,
    }
    if (this.#wantsStack(span)) open.stack = captureStack(this.onStart)
    if (this.#codeLocation === 'always') stampCode(open)
    if (this.#ancestors && parent !== null) stampLineage(span, open.ancestors)
    this.#open.set(spanId, open)
    this.#young.add(open)
    this.#reporter.wake()
  }

  onEnd(span: ReadableSpan): void {
    const { spanId } = span.spanContext()
    const open = this.#open.get(spanId)
    if (open === undefined) return
    this.#open.delete(spanId)
    this.#young.delete(open)
    this.#reporter.openSpans.release(open.slot)
    if (open.seq > 0) this.#tell(open, RECORD.spanEnd, toInstant(span.endTime))
  }

  collect(now: Instant): boolean {
    this.#stacksLeft = STACKS_PER_FLUSH
    this.#repeatAfterLoss()
    for (const open of this.#young) {
      // What finds no room now is told later, rather than dropped.
      if (!this.#reporter.hasRoom()) return true
      stampCode(open)
      this.#tell(open, open.seq === 0 ? RECORD.spanStart : RECORD.spanSnapshot, now)
      this.#young.delete(open)
    }
    for (let left = Math.min(COMPARED_PER_FLUSH, this.#open.size); left > 0; left--) {
      const open = this.#nextCompared()
      if (!this.#reporter.hasRoom()) break
      if (open !== null && this.#isNews(open, now)) this.#tell(open, RECORD.spanSnapshot, now)
    }
    return this.#open.size > 0
  }

  stop(now: Instant): void {
    for (const open of this.#open.values()) this.#tell(open, RECORD.spanEnd, now, 'shutdown')
    for (const open of this.#open.values()) this.#reporter.openSpans.release(open.slot)
    this.#open.clear()
    this.#young.clear()
  }

  forceFlush(): Promise<void> {
    return this.#reporter.flush()
  }

  shutdown(): Promise<void> {
    this.stop(this.#reporter.clock.now())
    return this.#reporter.flush()
  }

  #tell(open: OpenSpan, event: string, at: Instant, stopReason?: 'shutdown'): void {
    const reporter = this.#reporter
    const { span } = open
    const { traceId, spanId } = span.spanContext()
    const ended = event === RECORD.spanEnd
    // `stop` tells a G-Research collector that the finished span comes by itself. This one will not: let it expire there.
    const isLeft = stopReason !== undefined && reporter.compat === 'g-research'
    open.seq++
    open.told = takeSnapshot(span)
    open.toldAt = at
    reporter.report({
      event,
      at: event === RECORD.spanStart ? toInstant(span.startTime) : at,
      traceId,
      spanId,
      attributes: {
        [ATTR.partialEvent]: isLeft ? undefined : ended ? 'stop' : 'heartbeat',
        [ATTR.partialFrequency]: ended ? undefined : `${reporter.repeatMs}ms`,
        [ATTR.partialBodyType]: 'json/v1',
        [ATTR.seq]: open.seq,
        [ATTR.runId]: span.attributes[ATTR.runId] ?? open.runId,
        [ATTR.phase]: span.attributes[ATTR.phase],
        [ATTR.stopReason]: stopReason,
      },
      body: reporter.encodeTraces([encodeScopeSpans(span)]),
    })
  }

  #isNews(open: OpenSpan, now: Instant): boolean {
    if (open.told === null) return false
    const sinceMs = now - open.toldAt
    if (this.#mustRepeat(sinceMs)) return true
    const changed = whatChanged(open.span, open.told)
    return changed === 'content' || (changed === 'progress' && sinceMs >= PROGRESS_EVERY)
  }

  #wantsStack(span: LiveSpan): boolean {
    return this.#codeLocation !== 'off' && span.attributes[ATTR.codeFile] === undefined && this.#stacksLeft-- > 0
  }

  /** As long as the next chance to tell it would come too late. */
  #mustRepeat(sinceMs: Millis): boolean {
    const { compat, flushMs, repeatMs } = this.#reporter
    if (compat === null) return false
    return sinceMs > repeatMs - flushMs * Math.ceil(this.#open.size / COMPARED_PER_FLUSH)
  }

  #nextCompared(): OpenSpan | null {
    const next = this.#compared.next()
    if (!next.done) return next.value
    this.#compared = this.#open.values()
    return this.#compared.next().value ?? null
  }

  /** What was dropped may have been the start of a span that is still open: once there is room, tell all again. */
  #repeatAfterLoss(): void {
    const { dropped, queued } = this.#reporter.stats()
    if (dropped === this.#droppedSeen || queued > 0) return
    this.#droppedSeen = dropped
    for (const open of this.#open.values()) this.#young.add(open)
  }
}

function stampCode(open: OpenSpan): void {
  const { span, stack } = open
  open.stack = null
  if (stack === null || span.attributes[ATTR.codeFile] !== undefined) return
  const code = locateCode(stack)
  if (code === null) return
  span.setAttribute(ATTR.codeFile, code.file)
  span.setAttribute(ATTR.codeLine, code.line)
  if (code.function !== null) span.setAttribute(ATTR.codeFunction, code.function)
}

function toInstant([wholeSeconds, nanos]: SpanTime): Instant {
  return nanosToInstant(BigInt(wholeSeconds) * 1_000_000_000n + BigInt(Math.floor(nanos)))
}
