/** One run from its first word to its last, with what goes wrong in it. */
import { ATTR } from '../../../contract/attributes.ts'
import { minutes, seconds, type Millis } from '../../../contract/units.ts'
import type { Known, SpanSignal } from '../../../collector/signal.ts'
import type { Random } from '../random.ts'
import { openPen, PLUMBING, THROWN, type Pen, type Way } from './pen.ts'
import type { Connection, Process, Run, Saying, Stand, Truth } from './story.ts'

/** What goes wrong inside a run. Most of the time nothing does. */
export const MISHAPS = [
  'none',
  'hangs',
  'hangs between',
  'never starts',
  'comes late',
  'throws and is silent',
  'throws and ends silently',
  'skips its terminal',
  'completes falsely',
  'fails',
  'is cancelled',
  'contradicts itself',
  'is rejected',
] as const
export type Mishap = (typeof MISHAPS)[number]

export interface RunSettings {
  readonly label: string
  readonly process: Process
  readonly connection: Connection | null
  /** Work time of its process. */
  readonly startsAt: Millis
  readonly mishap: Mishap
  readonly random: Random
  readonly say: (saying: Saying) => void
}

const DETOURS = ['waits', 'delegates', 'none', 'none', 'none', 'none', 'none', 'none'] as const
const AGENTS = ['research', 'support', 'billing'] as const
const TOOLS = ['search', 'read_file', 'send_mail', 'run_sql'] as const
const LIMITS = {
  reasoning: minutes(3),
  tool: minutes(5),
  between: minutes(2),
  started: seconds(5),
  terminal: seconds(2),
}

type Kind = 'reasoning' | 'tool'

export function tellRun(settings: RunSettings): Run {
  const { label, process, startsAt, random } = settings
  const traceId = openTraceId(label)
  const truth: Truth = { startsAt: process.trueAt(startsAt), ends: null, stand: null, isDelivered: true, spans: [] }
  const pen = openPen({ ...settings, runId: label, traceId, truth, ackMs: random.int(5, 900) })
  new Teller(settings, pen, truth).tell()
  return { id: label, traceId, process, truth }
}

function openTraceId(label: string): string {
  return Buffer.from(label.padStart(16, '_')).toString('hex')
}

class Teller {
  readonly #settings: RunSettings
  readonly #pen: Pen
  readonly #truth: Truth
  readonly #agent: string
  #root: SpanSignal | null = null
  #call = 0

  constructor(settings: RunSettings, pen: Pen, truth: Truth) {
    this.#settings = settings
    this.#pen = pen
    this.#truth = truth
    this.#agent = settings.random.pick(AGENTS)
  }

  tell(): void {
    const { mishap, random } = this.#settings
    if (!this.#begin()) return
    const steps = random.int(1, 4)
    const troubled = random.int(0, steps - 1)
    for (let index = 0; index < steps; index++) {
      const isTroubled = index === troubled
      if (isTroubled && mishap === 'hangs between') return this.#stand(LIMITS.between, 'between-steps', null)
      const detour = isTroubled ? 'none' : random.pick(DETOURS)
      if (detour === 'waits') this.#wait()
      else if (detour === 'delegates') this.#delegate()
      else if (!this.#step(isTroubled)) return
      this.#pass(5, 2_000)
    }
    if (random.chance(0.4)) this.#finalise()
    this.#end()
  }

  /** @returns false when that was all */
  #begin(): boolean {
    const { mishap, random, label, connection } = this.#settings
    const pen = this.#pen
    pen.record('accepted')
    const known = { [ATTR.operation]: 'invoke_agent', [ATTR.agent]: this.#agent, ...this.#own() }
    const user = connection === null ? {} : { [ATTR.userId]: connection.user }
    this.#root = pen.open(`invoke_agent ${this.#agent}`, { ...known, ...user })
    pen.emit('run_accepted', this.#way(), this.#root)
    this.#pass(1, 50)
    if (mishap === 'is rejected' && this.#tells('full', 'messages', 'records')) {
      pen.emit('run_rejected', this.#way(), this.#root)
      pen.record('ended', 'failed')
      pen.close(this.#root)
      this.#over('failed')
      return false
    }
    if (mishap === 'never starts' && this.#tells('full', 'messages', 'records')) {
      this.#stand(LIMITS.started, 'never-started', null)
      if (random.chance(0.5)) pen.open('started build', { ...this.#own(), [ATTR.phase]: 'started' }, this.#root)
      return false
    }
    if (random.chance(0.4) && this.#tells('full', 'records')) {
      const span = pen.open('started build', { ...this.#own(), [ATTR.phase]: 'started' }, this.#root)
      this.#pass(10, 800)
      pen.close(span)
    }
    pen.record('started')
    pen.emit('agent_started', this.#way(), this.#root)
    if (label.endsWith('0')) pen.emit('heartbeat', 'confirmed', this.#root)
    this.#pass(1, 300)
    return true
  }

  /** @returns false when the run is not heard of again */
  #step(isTroubled: boolean): boolean {
    const { random, mishap } = this.#settings
    const pen = this.#pen
    const kind: Kind = random.chance(0.5) ? 'reasoning' : 'tool'
    const [span, close] = this.#openStep(kind)
    const beside = kind === 'tool' && random.chance(0.25) ? this.#openStep('tool') : null
    if (random.chance(0.3)) this.#plumb(span)
    if (isTroubled && mishap === 'hangs') {
      if (beside === null && random.chance(0.4)) this.#grow(span, random.int(1, 4))
      const name = kind === 'tool' ? `tool › ${span.known[ATTR.toolName]}` : 'reasoning › chat gpt-5'
      const where = this.#tells('ends') || beside !== null ? null : this.#tells('messages') ? kind : name
      this.#stand(LIMITS[kind], kind === 'tool' ? 'tool-silent' : 'model-silent', where)
      if (beside !== null && random.chance(0.5)) {
        this.#pass(100, 5_000)
        beside[1](null)
      }
      return false
    }
    const isLate = isTroubled && mishap === 'comes late'
    if (isLate) {
      const name = kind === 'tool' ? 'tool-silent' : 'model-silent'
      this.#stand(LIMITS[kind], name, null)
      pen.now += LIMITS[kind] + random.int(5_000, 60_000)
      if (this.#truth.stand !== null) this.#truth.stand.until = this.#settings.process.trueAt(pen.now)
    } else if (random.chance(0.12)) this.#grow(span, random.int(2, 6))
    else if (random.chance(0.08)) this.#pass(46_000, kind === 'tool' ? 240_000 : 150_000)
    else this.#pass(50, 20_000)
    const isThrown =
      isTroubled && ['throws and is silent', 'throws and ends silently', 'completes falsely', 'fails'].includes(mishap)
    if (beside !== null) beside[1](null)
    close(isThrown ? THROWN : null)
    if (isThrown && mishap === 'throws and is silent') {
      this.#stand(LIMITS.between, this.#tells('messages') ? 'between-steps' : 'exception-swallowed', null)
      return false
    }
    if (isThrown) this.#pass(1, 200)
    if (isThrown) this.#end()
    return !isThrown
  }

  #openStep(kind: Kind): [SpanSignal, (thrown: typeof THROWN | null) => void] {
    const { random } = this.#settings
    const pen = this.#pen
    const callId = kind === 'tool' ? `call_${++this.#call}` : null
    if (kind === 'reasoning') pen.emit('agent_thinking', this.#way(), this.#root)
    else pen.emit('tool_executing', this.#way(), this.#root, callId)
    const tool = random.pick(TOOLS)
    const span =
      kind === 'reasoning'
        ? pen.open('chat gpt-5', this.#stepKnown({ [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' }, kind), this.#root)
        : pen.open(
            `execute_tool ${tool}`,
            this.#stepKnown({ [ATTR.operation]: 'execute_tool', [ATTR.toolName]: tool }, kind),
            this.#root,
          )
    const close = (thrown: typeof THROWN | null) => {
      pen.close(span, thrown)
      if (kind === 'tool') pen.emit(thrown === null ? 'tool_completed' : 'tool_error', this.#way(), this.#root, callId)
    }
    return [span, close]
  }

  #grow(span: SpanSignal, times: number): void {
    for (let count = 1; count <= times; count++) {
      this.#pass(1_000, 40_000)
      this.#pen.grow(span, count)
      if (this.#tells('messages') || this.#settings.random.chance(0.3))
        this.#pen.emit('progress_update', this.#way(), span)
    }
  }

  /** An HTTP call inside a step says nothing of how far the run is. */
  #plumb(within: SpanSignal): void {
    this.#pass(1, 500)
    const span = this.#pen.open(PLUMBING, {}, within)
    this.#pass(1, 500)
    this.#pen.close(span)
  }

  #wait(): void {
    const pen = this.#pen
    pen.emit('approval_required', this.#way(), this.#root)
    pen.record('waiting')
    const hasSpan = this.#settings.random.chance(0.5) && this.#tells('full', 'records', 'spans')
    const span = hasSpan
      ? pen.open('waiting approval', { ...this.#own(), [ATTR.phase]: 'waiting', [ATTR.waiting]: true }, this.#root)
      : null
    // A source that cannot say that it waits is taken for one that stands still.
    if (span !== null || this.#tells('full', 'records', 'messages')) this.#pass(2_000, 200_000)
    else this.#pass(2_000, 20_000)
    if (span !== null) pen.close(span)
    pen.record('resumed')
    pen.emit('approval_resolved', this.#way(), this.#root)
  }

  /** Another agent does a part of the work: its run span stands inside ours. */
  #delegate(): void {
    // Of spans that come when they end, that of an agent inside comes first, and seems to be the run's.
    if (this.#tells('messages', 'ends')) return
    const pen = this.#pen
    const inner = pen.open(
      'invoke_agent planner',
      { [ATTR.operation]: 'invoke_agent', [ATTR.agent]: 'planner', ...this.#own() },
      this.#root,
    )
    this.#pass(10, 1_000)
    const model = pen.open(
      'chat gpt-5',
      this.#stepKnown({ [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' }, 'reasoning'),
      inner,
    )
    this.#pass(10, 15_000)
    pen.close(model)
    this.#pass(10, 1_000)
    pen.close(inner)
  }

  #finalise(): void {
    const pen = this.#pen
    pen.emit('agent_finalizing', this.#way(), this.#root)
    if (!this.#tells('full', 'records')) return this.#pass(5, 500)
    const span = pen.open('finalise', { ...this.#own(), [ATTR.phase]: 'finalise' }, this.#root)
    this.#pass(5, 500)
    pen.close(span)
  }

  #end(): void {
    const { mishap } = this.#settings
    const pen = this.#pen
    const root = this.#root
    if (root === null) return
    const isTold = this.#tells('full', 'records', 'messages')
    const isSilent = mishap === 'skips its terminal' || mishap === 'throws and ends silently'
    const isFailure =
      mishap === 'fails' || (!isTold && (mishap === 'throws and ends silently' || mishap === 'completes falsely'))
    if (isSilent && this.#tells('messages')) return this.#stand(LIMITS.between, 'between-steps', null)
    if (isSilent && isTold) {
      pen.close(root)
      const cause = mishap === 'skips its terminal' ? 'terminal-skipped' : 'exception-swallowed'
      return this.#stand(LIMITS.terminal, cause, null)
    }
    const [event, outcome] =
      mishap === 'fails'
        ? (['agent_error', 'failed'] as const)
        : mishap === 'is cancelled'
          ? (['agent_cancelled', 'cancelled'] as const)
          : (['agent_completed', 'succeeded'] as const)
    const way = this.#way()
    pen.emit(event, way, root)
    if (mishap === 'contradicts itself') pen.emit('agent_error', this.#way(), root)
    pen.record('ended', outcome)
    this.#over(
      isFailure || (mishap === 'contradicts itself' && this.#tells('full', 'messages'))
        ? 'failed'
        : mishap === 'completes falsely' && this.#tells('full', 'records')
          ? 'failed'
          : mishap === 'is cancelled' && isTold
            ? 'cancelled'
            : 'completed',
    )
    this.#pass(0, 50)
    pen.close(root, isFailure ? THROWN : null)
  }

  #over(status: 'completed' | 'failed' | 'cancelled'): void {
    this.#truth.ends = { at: this.#settings.process.trueAt(this.#pen.now), status }
  }

  #stand(limitMs: Millis, cause: Stand['causes'][number], step: string | null): void {
    const { process } = this.#settings
    const from = process.trueAt(this.#pen.toldAt)
    // Who sends spans at their end shows nothing of the step: the longest patience there is.
    const isDark = this.#tells('ends')
    const dark = { limitMs: LIMITS.tool, causes: ['unknown'], step: null } as const
    this.#truth.stand = isDark
      ? { from, until: Infinity, ...dark }
      : { from, until: Infinity, limitMs, causes: [cause], step }
  }

  /** How a message fares: by the connection as it is then, and by chance. */
  #way(): Way {
    const { connection, process, random, label } = this.#settings
    const at = process.trueAt(this.#pen.now)
    const isOpen = connection !== null && at >= connection.opensAt && at + 1_000 < (connection.closesAt ?? Infinity)
    const fate = openFate(label, random)
    const way = connection === null ? 'unrouted' : isOpen ? fate : 'unconfirmed'
    if (way !== 'confirmed') Object.assign(this.#truth, { isDelivered: false })
    return way
  }

  #stepKnown(known: Known, phase: Kind): Known {
    return this.#tells('full', 'records') ? { ...known, ...this.#own(), [ATTR.phase]: phase } : known
  }

  #own(): Known {
    return this.#tells('full', 'records') ? { [ATTR.runId]: this.#settings.label } : {}
  }

  #tells(...manners: readonly Process['manner'][]): boolean {
    return manners.includes(this.#settings.process.manner)
  }

  #pass(min: Millis, max: Millis): void {
    this.#pen.now += this.#settings.random.int(min, max)
  }
}

/** Most messages arrive. */
function openFate(label: string, random: Random): Way {
  if (!label.endsWith('7')) return 'confirmed'
  return random.pick(['confirmed', 'unconfirmed', 'unwritten', 'unrouted'])
}
