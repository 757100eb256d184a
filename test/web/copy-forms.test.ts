import { describe, expect, test } from 'vitest'
import { minutes, toIso } from '../../contract/units.ts'
import { copyLog, copyMessage, copyRow, copySpan, type CopyForm } from '../../web/model/copy-forms.ts'
import { narrowOffers, type Offer } from '../../web/model/palette.ts'
import { pinLink } from '../../web/model/pin-link.ts'
import { makeRun, toRow } from './kit/make-run.ts'

const NOW = Date.parse('2026-11-22T03:04:11Z')
const RUN = makeRun({ id: 'run_1', status: 'stalled', now: NOW, age: minutes(5), quiet: minutes(4) })
const AT = { link: () => 'http://h/runs/run_1', api: 'http://h/api/runs/run_1' }

describe('what is copied', () => {
  const kinds = (forms: readonly CopyForm[]) => forms.map(({ kind }) => kind)
  const form = (forms: readonly CopyForm[], kind: string) => forms.find((one) => one.kind === kind)?.text() ?? ''

  test('each thing in the forms it has, the link first and the command last', () => {
    const [span] = RUN.spans
    if (span === undefined) throw new Error('expected a span')
    const log = { at: toIso(NOW), severity: 'INFO', event: null, body: 'hello', spanId: null, attributes: {} }
    expect(kinds(copyRow(toRow(RUN), AT))).toEqual(['link', 'id', 'text', 'markdown', 'json', 'curl'])
    expect(kinds(copySpan(span, AT))).toEqual(['link', 'id', 'text', 'markdown', 'json', 'curl'])
    expect(kinds(copyMessage('run_1', RUN.deliveries.slice(0, 1), AT))).toContain('id')
    expect(kinds(copyLog(log, AT))).toEqual(['link', 'text', 'markdown', 'json', 'curl'])
    expect(form(copyLog(log, AT), 'text')).toBe('2026-11-22T03:04:11.000Z INFO hello')
    expect(form(copyMessage('run_1', RUN.deliveries.slice(0, 1), AT), 'id')).toBe('run_1/1')
    expect(form(copyRow(toRow(RUN), AT), 'curl')).toBe("curl 'http://h/api/runs/run_1'")
    expect(form(copyRow(toRow(RUN), AT), 'markdown')).toMatch(
      /^- \[run_1\]\(http:\/\/h\/runs\/run_1\) — stalled · tool › search_orders · tool-silent/,
    )
  })

  test('a value with a line or a bar in it stays in its cell', () => {
    const [span] = RUN.spans
    if (span === undefined) throw new Error('expected a span')
    const text = form(copySpan({ ...span, attributes: { sql: 'a | b\nc' } }, AT), 'markdown')
    expect(text).toContain('| sql | a \\| b c |')
  })
})

// oxfmt-ignore
test.each([
  ['moves with the clock',  'http://h/runs?since=now-1h',                'http://h/runs?since=2026-11-22T02%3A04%3A11.000Z&until=2026-11-22T03%3A04%3A11.000Z'],
  ['has both its ends',     'http://h/trends?from=now-2d&to=now-1d',     'http://h/trends?from=2026-11-20T03%3A04%3A11.000Z&to=2026-11-21T03%3A04%3A11.000Z'],
  ['is exact already',      'http://h/runs?since=2026-11-22T02:00:00Z',  'http://h/runs?since=2026-11-22T02:00:00Z'],
  ['is about no time',      'http://h/runs/run_1?span=a',                'http://h/runs/run_1?span=a'],
])('a pinned link that %s', (_what, href, pinned) => {
  expect(pinLink(href, NOW)).toBe(pinned)
})

describe('the palette', () => {
  const offer = (label: string, group = 'Do', hint = ''): Offer => ({
    id: label,
    group,
    label,
    hint,
    keys: '',
    choose: () => {},
  })
  const OFFERS = [
    offer('Pause what is shown'),
    offer('Go to Stalls', 'Pages'),
    offer('Show stalls'),
    offer('Stall list'),
  ]

  // oxfmt-ignore
  test.each([
    ['nothing: all of them, by group',          '',            ['Pause what is shown', 'Show stalls', 'Stall list', 'Go to Stalls']],
    ['a beginning: what begins with it first',  'stal',        ['Stall list', 'Show stalls', 'Go to Stalls']],
    ['two words in any order',                  'stalls go',   ['Go to Stalls']],
    ['what none has',                           'nothing',     []],
  ])('narrowed to %s', (_what, typed, labels) => {
    expect(narrowOffers(OFFERS, typed).map(({ label }) => label)).toEqual(labels)
  })
})
