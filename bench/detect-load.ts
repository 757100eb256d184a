/** Runs for `detect-book.ts`, with ids as random as real ones: what repeats would be packed too well. */
import { createHash } from 'node:crypto'
import { ATTR } from '../contract/attributes.ts'
import type { Instant } from '../contract/units.ts'
import type { Known, Signal, Source, SpanSignal } from '../collector/signal.ts'

const HOSTS = 1_000
const AGENTS = ['support', 'research', 'billing', 'planner', 'coder']
const TOOLS = ['search_orders', 'run_sql', 'fetch_page', 'send_mail', 'read_file', 'write_file', 'ask_human']

const idOf = (what: string, digits: number): string => createHash('md5').update(what).digest('hex').slice(0, digits)
const traceIdOf = (run: number): string => idOf(`trace ${run}`, 32)
const spanIdOf = (run: number, index: number): string => idOf(`span ${run} ${index}`, 16)
const pick = <Item>(list: readonly Item[], run: number): Item => list[run % list.length] as Item

const sourceOf = (run: number): Source => ({
  service: 'checkout',
  version: '4.2.0',
  environment: 'production',
  instance: `host-${run % HOSTS}`,
  workingDirectory: '/srv/app',
  contract: null,
})

/** A run as it stands: the run span, a model call that ended, a tool at work at a line of code. */
export function scrambledRun(run: number, at: Instant): Signal[] {
  const agent = pick(AGENTS, run)
  const tool = pick(TOOLS, run)
  return [
    spanOf(run, 0, at, null, `invoke_agent ${agent}`, {
      [ATTR.operation]: 'invoke_agent',
      [ATTR.agent]: agent,
      [ATTR.userId]: `user-${run % 100_000}`,
    }),
    spanOf(run, 1, at, at + 5, 'chat gpt-5', { [ATTR.operation]: 'chat', [ATTR.model]: 'gpt-5' }),
    spanOf(run, 2, at, null, `execute_tool ${tool}`, toolOf(tool)),
  ]
}

/** The tool of a run says that it goes on. */
export function progressOf(run: number, seq: number): Signal {
  const tool = pick(TOOLS, run)
  return { ...spanOf(run, 2, 0, null, `execute_tool ${tool}`, { ...toolOf(tool), [ATTR.progress]: seq }), seq }
}

const toolOf = (tool: string): Known => ({
  [ATTR.operation]: 'execute_tool',
  [ATTR.toolName]: tool,
  [ATTR.codeFile]: 'server/tools.ts',
  [ATTR.codeLine]: 41,
})

function spanOf(
  run: number,
  index: number,
  startedAt: Instant,
  endedAt: Instant | null,
  name: string,
  known: Known,
): SpanSignal {
  return {
    kind: 'span',
    source: sourceOf(run),
    traceId: traceIdOf(run),
    spanId: spanIdOf(run, index),
    parentSpanId: index === 0 ? null : spanIdOf(run, 0),
    name,
    startedAt: startedAt + index,
    endedAt,
    seq: 0,
    stopReason: null,
    repeatedEvery: null,
    status: endedAt === null ? 'unset' : 'ok',
    statusMessage: null,
    known,
    exception: null,
  }
}
