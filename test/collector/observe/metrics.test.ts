import { describe, expect, test } from 'vitest'
import { openLabelCounter, OVERFLOW } from '../../../collector/observe/label-counter.ts'
import { openLatency } from '../../../collector/observe/latency.ts'
import { blindWithin } from '../../../collector/observe/self-watch.ts'
import { writeMetrics } from '../../../collector/observe/write-metrics.ts'
import { minutes } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'

describe('the text', () => {
  test('a metric, its labels and what must be escaped in them', () => {
    const samples = [
      { value: 3 },
      { labels: { agent: 'a "b"\\c\nd', status: 'lost' }, value: 0.5 },
      { labels: { agent: '' }, value: Infinity },
    ]
    expect(writeMetrics([{ name: 'laststep_x_total', type: 'counter', help: 'What it is.', samples }])).toBe(
      [
        '# HELP laststep_x_total What it is.',
        '# TYPE laststep_x_total counter',
        'laststep_x_total 3',
        'laststep_x_total{agent="a \\"b\\"\\\\c\\nd",status="lost"} 0.5',
        'laststep_x_total{agent=""} +Inf',
        '',
      ].join('\n'),
    )
  })

  test('a histogram counts what was shorter than each bound, in seconds, and never falls', () => {
    const latency = openLatency()
    for (const ms of [0.2, 3, 3, 100, 1_000_000]) latency.note(ms, START)
    const text = writeMetrics([{ name: 'x_seconds', type: 'histogram', help: 'x', of: latency }])
    const buckets = [...text.matchAll(/le="([^"]+)"} (\d+)/g)].map(([, bound, count]) => [bound, Number(count)])
    expect(buckets.slice(0, 3)).toEqual([
      ['0.002', 1],
      ['0.004', 3],
      ['0.008', 3],
    ])
    expect(buckets.find(([bound]) => bound === '0.128')).toEqual(['0.128', 4])
    expect(buckets.at(-1)).toEqual(['+Inf', 5])
    expect(text).toContain('x_seconds_sum 1000.1062\nx_seconds_count 5\n')
    const counts = buckets.map(([, count]) => Number(count))
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  })
})

describe('a counter whose label senders make up', () => {
  test('keeps so many series, and counts the rest as one of each kind', () => {
    const counter = openLabelCounter('agent', 100)
    for (let no = 0; no < 50_000; no++)
      counter.add({ agent: `agent-${no}`, cause: no % 2 === 0 ? 'unknown' : 'queued' })
    counter.add({ agent: 'agent-7', cause: 'queued' })
    const samples = [...counter.samples]
    expect(samples).toHaveLength(102)
    expect(samples.find(({ labels }) => labels?.['agent'] === 'agent-7')?.value).toBe(2)
    expect(samples.filter(({ labels }) => labels?.['agent'] === OVERFLOW).map(({ value }) => value)).toEqual([
      24_950, 24_950,
    ])
    expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(counter.total)
  })
})

test('a latency tells of the last hour, and of everything', () => {
  const latency = openLatency()
  latency.note(5_000, START)
  expect(latency.p99(START + minutes(50))).toBeGreaterThan(4_500)
  for (let no = 0; no < 200; no++) latency.note(10, START + minutes(65))
  expect([latency.recent(START + minutes(65)), latency.count]).toEqual([200, 201])
  expect(latency.p99(START + minutes(65))).toBeLessThan(12)
  expect(latency.p99(START + minutes(200))).toBeNull()
})

// oxfmt-ignore
test.each([
  // gaps (from, length), looked at from 100 to 200    how many  how long
  [[],                                                 0,        0],
  [[[110, 20], [150, 5]],                              2,        25],
  [[[90, 20]],                                         1,        10],
  [[[190, 50]],                                        1,        10],
  [[[0, 1_000]],                                       1,        100],
  [[[10, 90], [200, 5]],                               0,        0],
] as const)('blind time of %j', (gaps, count, ms) => {
  const known = gaps.map(([from, lengthMs]) => ({ from, lengthMs }))
  expect(blindWithin(known, 100, 200)).toEqual({ gaps: count, ms })
})
