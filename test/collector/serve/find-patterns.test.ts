import { describe, expect, test } from 'vitest'
import { findPatterns } from '../../../collector/serve/find-patterns.ts'
import type { SpanView } from '../../../contract/runs.ts'
import { toIso } from '../../../contract/units.ts'
import { START } from '../../kit/manual-clock.ts'

/**
 * Steps one after another: a name, `!` when it failed, `…` when it is open, `&` when it runs beside the one before,
 * `researcher/` before it for a step of that agent.
 */
function play(text: string): SpanView[] {
  let at = START
  return text.split(', ').map((said, index) => {
    const [, agent, name = '', marks = ''] = /^(?:(\w+)\/)?(.*?)([!…&]*)$/.exec(said) ?? []
    const startedAt = marks.includes('&') ? at - 10 : at
    const isOpen = marks.includes('…')
    at += 10
    return {
      traceId: 't',
      spanId: `s${index + 1}`,
      parentSpanId: agent ?? 'run',
      name,
      phase: name.startsWith('chat') ? 'reasoning' : 'tool',
      startedAt: toIso(startedAt),
      endedAt: isOpen ? null : toIso(at),
      lastHeardAt: toIso(at),
      openState: isOpen ? 'open' : null,
      status: marks.includes('!') ? 'error' : 'unset',
      statusMessage: null,
      code: null,
      attributes: {},
      events: [],
    }
  })
}

const AGENT: SpanView = { ...(play('chat')[0] as SpanView), spanId: 'researcher', phase: null }
const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(', ')

describe('what the steps amount to', () => {
  // oxfmt-ignore
  test.each([
    ['nothing to say of steps that follow each other', 'chat, search, chat, mail',             []],
    ['two failures, then an answer',                   'chat!, chat!, chat, search',           ['attempt 3 of chat; the 2 before failed (s3)']],
    ['a failure, and still trying',                    'search, chat!, chat…',                 ['attempt 2 of chat, still open; the one before failed (s3)']],
    ['it gave up',                                     'chat!, chat!, chat!',                  ['all 3 attempts of chat failed (s3)']],
    ['a failure of one and success of another',        'search!, mail',                        []],
    ['another try after something else was tried',     'search!, mail, search',                []],
    ['failures side by side are no attempts',          'search!, search!&',                    []],
    ['two times over, each with its retries',          'chat!, chat, mail!, mail',             ['attempt 2 of chat; the one before failed (s2)', 'attempt 2 of mail; the one before failed (s4)']],
    ['a tool called again and again',                  times(12, 'search'),                    ['the same again and again: search ×12 (s12)']],
    ['a model and a tool in a circle',                 `mail, ${times(6, 'chat, search')}`,    ['the same again and again: chat → search ×6 (s13)']],
    ['a few look-ups are work',                        times(4, 'chat, search'),               []],
    ['calls side by side are no loop',                 times(12, 'search&'),                   []],
    ['retries are no loop as well',                    times(6, 'search!'),                    ['all 6 attempts of search failed (s6)']],
    ['a hand-over, by OpenInference',                  'chat, handoff to billing',             [`handed over to billing at ${toIso(START + 10)} (s2)`]],
    ['a hand-over, by OpenAI Agents',                  'handoff support',                      [`handed over to support at ${toIso(START)} (s1)`]],
    ['a hand-over, by OpenLLMetry',                    'triage → billing.handoff',             [`handed over to billing at ${toIso(START)} (s1)`]],
    ['a hand-over, by a tool that transfers',          'execute_tool transfer_to_billing',     [`handed over to billing at ${toIso(START)} (s1)`]],
    ['what an agent inside does is its own',           'chat!, researcher/chat, mail',         []],
    ['an agent inside in a circle',                    times(5, 'researcher/search, mail'),    ['the same again and again: search ×5 (s9)', 'the same again and again: mail ×5 (s10)']],
  ])('%s', (_what, text, lines) => {
    const found = findPatterns([AGENT, ...play(text)], new Map([['researcher', 'researcher']]))
    expect(found.map((line) => `${line.text} (${line.ref?.replace('span:', '')})`)).toEqual(lines)
  })

  test('spans that claim to be each other’s parent do not hang the page', () => {
    const [a, b] = play('chat, search') as [SpanView, SpanView]
    expect(
      findPatterns(
        [
          { ...a, parentSpanId: 's2' },
          { ...b, parentSpanId: 's1' },
        ],
        new Map(),
      ),
    ).toEqual([])
  })
})
