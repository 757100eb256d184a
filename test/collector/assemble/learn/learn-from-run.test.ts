/** Which runs teach how long a step takes, and what they teach. */
import { expect, test } from 'vitest'
import { ATTR } from '../../../../contract/attributes.ts'
import { minutes, seconds } from '../../../../contract/units.ts'
import type { LessonJson } from '../../../../collector/assemble/learn/lessons.ts'
import { TimeSketch } from '../../../../collector/assemble/learn/time-sketch.ts'
import { openRunBook, type RunBook } from '../../../../collector/assemble/run-book.ts'
import { judgeRun } from '../../../../collector/assess/judge-run.ts'
import { readProgression } from '../../../../collector/assess/read-progression.ts'
import { openContracts } from '../../../../collector/contracts.ts'
import type { SpanSignal } from '../../../../collector/signal.ts'
import { START } from '../../../kit/manual-clock.ts'
import { deliverySignal, runSignal, spanSignal } from '../signals.ts'

const contracts = openContracts([
  readProgression('contract: own\nversion: 1\nbudgets: { learned: { samples: 20 } }\n', 'of the test'),
])
const openBook = () =>
  openRunBook({ contracts, judge: (each, now) => judgeRun(each, contracts.of(null), now), changed: () => {} })

const hex = (number: number, digits: number) => `${number}`.padStart(digits, '0')

/** Run number `no` of research, and what comes of it. */
function runOf(book: RunBook, no: number) {
  const traceId = hex(no + 1, 32)
  const own = { traceId, spanId: hex(1, 16), known: { [ATTR.runId]: `run_${no}`, [ATTR.agent]: 'research' } }
  const tool = { traceId, spanId: hex(2, 16), parentSpanId: hex(1, 16), name: 'execute_tool search' }
  const put = (at: number, ...signals: readonly SpanSignal[]) => book.apply(signals, START + at)
  return {
    traceId,
    put,
    run: (more: Partial<SpanSignal> = {}) => spanSignal({ ...own, ...more }),
    tool: (more: Partial<SpanSignal> = {}) => spanSignal({ ...tool, ...more }),
    ended: (at: number) => ({ startedAt: START, endedAt: START + at, status: 'ok' as const }),
  }
}
type Scene = ReturnType<typeof runOf>

const openBoth = ({ put, run, tool }: Scene) => put(0, run(), tool())
const endBoth = ({ put, run, tool, ended }: Scene, at: number, more: Partial<SpanSignal> = {}) =>
  put(at, tool({ ...ended(at), ...more }), run(ended(at)))

// oxfmt-ignore
test.each<[string, number | null, (scene: Scene, book: RunBook, no: number) => void]>([
  ['from its first record to its last, by our clock', 4_000, (scene) => {
    openBoth(scene)
    endBoth(scene, 4_000, { startedAt: START - 999_999 })
  }],
  ['its longest silence, when it shows progress', 20_000, (scene) => {
    openBoth(scene)
    scene.put(5_000, scene.tool({ seq: 1, known: { [ATTR.progress]: 1 } }))
    scene.put(25_000, scene.tool({ seq: 2, known: { [ATTR.progress]: 2 } }))
    endBoth(scene, 30_000)
  }],
  ['a message from inside it is progress', 20_000, (scene, book, no) => {
    openBoth(scene)
    const message = { runId: `run_${no}`, traceId: scene.traceId, spanId: hex(2, 16), event: 'progress_update', connectionId: null }
    book.apply([deliverySignal({ ...message, seq: 1 })], START + 20_000)
    scene.put(30_000, scene.tool(scene.ended(30_000)))
    book.apply([deliverySignal({ ...message, spanId: null, seq: 2, event: 'agent_completed' })], START + 30_000)
  }],
  ['its sender’s time, when it came only once it had ended', 7_000, (scene) => endBoth(scene, 60_000, scene.ended(7_000))],
  ['the same, when the run’s span comes later', 7_000, (scene) => {
    scene.put(10_000, scene.tool(scene.ended(7_000)))
    scene.put(40_000, scene.run(scene.ended(39_000)))
  }],
  ['the same, when the step comes after the end of its run', 7_000, (scene) => {
    scene.put(40_000, scene.run(scene.ended(39_000)))
    scene.put(45_000, scene.tool(scene.ended(7_000)))
  }],
  ['no clock goes backwards', 1, (scene) => endBoth(scene, 60_000, { startedAt: START + 9_000, endedAt: START })],
  ['not a step that failed', null, (scene) => {
    openBoth(scene)
    endBoth(scene, 4_000, { status: 'error' })
  }],
  ['not a step that threw and was caught', null, (scene) => {
    openBoth(scene)
    endBoth(scene, 4_000, { exception: { type: 'Timeout', message: '', stacktrace: null } })
  }],
  ['not a run that failed', null, (scene) => {
    openBoth(scene)
    scene.put(4_000, scene.tool(scene.ended(4_000)), scene.run({ ...scene.ended(4_000), status: 'error' }))
  }],
  ['not a run that never ends', null, (scene) => {
    openBoth(scene)
    scene.put(4_000, scene.tool(scene.ended(4_000)))
  }],
  ['not a run that waited for somebody', null, (scene, book, no) => {
    openBoth(scene)
    const record = { runId: `run_${no}`, traceId: scene.traceId }
    book.apply([runSignal({ ...record, state: 'waiting' })], START + 1_000)
    book.apply([runSignal({ ...record, state: 'resumed' })], START + 3_000)
    scene.put(4_000, scene.tool(scene.ended(4_000)), scene.run(scene.ended(4_000)))
    book.apply([runSignal({ ...record, state: 'ended', outcome: 'succeeded' })], START + 5_000)
  }],
  ['not a run that was stalled', null, (scene) => {
    openBoth(scene)
    endBoth(scene, minutes(6))
  }],
  ['not a step that was open while we did not hear', null, (scene, book) => {
    openBoth(scene)
    book.gap({ from: START + 1_000, lengthMs: 2_000, reason: 'down' }, START + 3_000)
    endBoth(scene, 4_000)
  }],
  ['a step after we did not hear', 4_000, (scene, book) => {
    book.gap({ from: START - 9_000, lengthMs: 9_000, reason: 'down' }, START)
    openBoth(scene)
    endBoth(scene, 4_000)
  }],
  ['a run that was slow', 90_000, (scene) => {
    openBoth(scene)
    endBoth(scene, seconds(90))
  }],
])('a run teaches: %s', (_what, ms, play) => {
  const lessons = new Set<string>()
  for (const isDoubled of [false, true]) {
    const book = openBook()
    const apply: RunBook['apply'] = (signals, at) => {
      book.apply(signals, at)
      if (isDoubled) book.apply(signals, at)
    }
    play(runOf({ ...book, apply }, 1), { ...book, apply }, 1)
    const line = [...book.snapshot()].find((each) => each.startsWith('{"lessons"')) ?? '{"lessons":[]}'
    lessons.add(line)
    const written: LessonJson[] = JSON.parse(line).lessons
    const [bucket = 0, samples = 0] = written.flatMap(([, , recent]) => recent)
    expect(samples).toBe(ms === null ? 0 : 1)
    if (ms === null) continue
    expect(written.map(([key]) => key)).toEqual(['tool\nresearch\nsearch'])
    expect(TimeSketch.from([bucket, samples]).quantile(1)).toSatisfy((told: number) => Math.abs(told - ms) <= ms * 0.02)
  }
  // However often each record came.
  expect(lessons.size).toBe(1)
})
