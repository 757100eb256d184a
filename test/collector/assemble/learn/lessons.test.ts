import { describe, expect, test } from 'vitest'
import { Lessons } from '../../../../collector/assemble/learn/lessons.ts'
import { hours, minutes, seconds } from '../../../../contract/units.ts'
import { START } from '../../../kit/manual-clock.ts'

const SEARCH = { agent: 'research', phase: 'tool', name: 'search' } as const
const named = (name: string) => ({ ...SEARCH, name })
const samplesOf = (lessons: Lessons, subject: Parameters<Lessons['timesOf']>[0] = SEARCH) =>
  lessons.timesOf(subject, 1)?.samples ?? 0

const near = (ms: number) => expect.toSatisfy((told: number) => Math.abs(told - ms) <= ms * 0.02)

function taught(count: number, ms = seconds(2)): Lessons {
  const lessons = new Lessons()
  for (let each = 0; each < count; each++) lessons.take(SEARCH, ms, START)
  return lessons
}

describe('lessons', () => {
  test('are told from the fewest samples on', () => {
    const lessons = taught(50)
    expect(lessons.timesOf(SEARCH, 51)).toBeNull()
    expect(lessons.timesOf(SEARCH, 50)).toEqual({ samples: 50, p95Ms: near(2_000), p99Ms: near(2_000) })
    expect(lessons.timesOf({ ...SEARCH, agent: 'support' }, 1)).toBeNull()
    expect(lessons.timesOf({ ...SEARCH, phase: 'reasoning' }, 1)).toBeNull()
  })

  test('are of models and tools, with names that are no data', () => {
    const lessons = new Lessons()
    const others = [{ ...SEARCH, phase: 'waiting' }, { ...SEARCH, phase: null }, named('x'.repeat(129))] as const
    for (const subject of others) lessons.take(subject, 5, START)
    expect(lessons.size).toBe(0)
    lessons.take({ agent: null, phase: 'reasoning', name: null }, 5, START)
    expect(lessons.size).toBe(1)
  })

  test('forget what was long ago: the latest one to two thousand count', () => {
    const lessons = taught(2_000, seconds(60))
    expect(lessons.timesOf(SEARCH, 1)).toMatchObject({ samples: 2_000, p99Ms: near(60_000) })
    for (let each = 0; each < 1_000; each++) lessons.take(SEARCH, seconds(1), START)
    expect(lessons.timesOf(SEARCH, 1)).toMatchObject({ samples: 2_000, p99Ms: near(60_000) })
    for (let each = 0; each < 1_001; each++) lessons.take(SEARCH, seconds(1), START)
    expect(lessons.timesOf(SEARCH, 1)).toMatchObject({ samples: 1_001, p99Ms: near(1_000) })
  })

  test('are not taken while a run stands flagged at the step, for an hour at most', () => {
    const lessons = taught(50)
    lessons.freeze(SEARCH, START)
    lessons.freeze(SEARCH, START + minutes(1))
    lessons.take(SEARCH, seconds(9), START + minutes(2))
    expect(samplesOf(lessons)).toBe(50)
    lessons.take(named('write'), seconds(9), START + minutes(2))
    expect(samplesOf(lessons, named('write'))).toBe(1)
    lessons.thaw(SEARCH)
    lessons.take(SEARCH, seconds(9), START + minutes(3))
    expect(samplesOf(lessons)).toBe(50)
    lessons.take(SEARCH, seconds(9), START + minutes(61))
    expect(samplesOf(lessons)).toBe(51)
    lessons.freeze(SEARCH, START + minutes(62))
    lessons.thaw(SEARCH)
    lessons.thaw(SEARCH)
    lessons.take(SEARCH, seconds(9), START + minutes(63))
    expect(samplesOf(lessons)).toBe(52)
  })

  test('are begun anew by fifty late ones over a day, with none on time between them', () => {
    const late = (lessons: Lessons, from: number) => {
      for (let each = 0; each < 60; each++) lessons.takeLate(SEARCH, minutes(2), from + each)
    }
    const lessons = taught(500)
    late(lessons, START)
    late(lessons, START + hours(23))
    expect(samplesOf(lessons)).toBe(500)
    lessons.takeLate(SEARCH, minutes(2), START + hours(24))
    expect(lessons.timesOf(SEARCH, 1)).toMatchObject({ samples: 121, p99Ms: near(minutes(2)) })

    const interrupted = taught(500)
    late(interrupted, START)
    interrupted.take(SEARCH, seconds(2), START + hours(12))
    late(interrupted, START + hours(24))
    expect(samplesOf(interrupted)).toBe(501)
  })

  test('are bounded: of names that come once none stay, and those met meanwhile do', () => {
    const lessons = taught(50)
    for (let each = 0; each < 20_000; each++) {
      lessons.take(named(`tool_${each}`), 5, START)
      if (each % 500 === 0) lessons.take(SEARCH, seconds(2), START)
    }
    expect(lessons.size).toBeLessThanOrEqual(2_000)
    expect(samplesOf(lessons)).toBe(90)
    expect(samplesOf(lessons, named('tool_1'))).toBe(0)
  })

  test('go on after a restart as they would have without one', () => {
    const lessons = taught(1_200)
    for (let each = 0; each < 1_500; each++) lessons.take(named(`tool_${each}`), each, START)
    lessons.takeLate(SEARCH, minutes(2), START)
    lessons.freeze(named('tool_1400'), START)
    const restored = new Lessons()
    for (const lesson of JSON.parse(JSON.stringify(lessons))) restored.restore(lesson)
    expect(JSON.stringify(restored)).toBe(JSON.stringify(lessons))
    for (const each of [lessons, restored]) {
      each.take(named('tool_1400'), 7, START + 1)
      for (let other = 0; other < 700; other++) each.take(named(`other_${other}`), other, START + 2)
    }
    expect(JSON.stringify(restored)).toBe(JSON.stringify(lessons))
  })
})
