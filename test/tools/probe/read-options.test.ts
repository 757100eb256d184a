import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../contract/clock.ts'
import { minutes, seconds } from '../../../contract/units.ts'
import { readProbeOptions, type ProbeOptions } from '../../../tools/probe/read-options.ts'
import { temporaryFolder } from '../../kit/programs.ts'

const FOLDER = temporaryFolder('probe-options')
const TOKENS = join(FOLDER, 'tokens')
const EMPTY = join(FOLDER, 'empty')
const HALF = join(FOLDER, 'half.yaml')
const ASKS = join(FOLDER, 'asks.yaml')

beforeAll(() => {
  writeFileSync(TOKENS, '# three\na.b.c\n{"token":"d.e.f","user":"grace"}\n\n  g.h.i  \n')
  writeFileSync(EMPTY, '# none\n')
  writeFileSync(
    HALF,
    "contract: half\nversion: 1\nframes: { auth: cookie, ask: { q: '{question}' }, colour: red, run: [] }\n",
  )
  writeFileSync(
    ASKS,
    "contract: asks\nversion: 1\nextends: openai-responses\nframes: { auth: none, ask: { type: response.create, model: m, input: '{text}' } }\n",
  )
})

const USUAL: ProbeOptions = {
  contract: 'laststep',
  message: 'Hi',
  count: '1',
  concurrency: '1',
  tokenFile: TOKENS,
}

function read(more: Partial<ProbeOptions>, url = 'ws://127.0.0.1:1/ws') {
  return readProbeOptions(url, { ...USUAL, ...more }, systemClock)
}

describe('a call that can be followed', () => {
  // oxfmt-ignore
  test.each([
    ['all tokens take turns',      {},                                   { tokens: ['a.b.c', 'd.e.f', 'g.h.i'], count: 1, concurrency: 1 }],
    ['or the first of them',       { users: '2', count: '10' },          { tokens: ['a.b.c', 'd.e.f'], count: 10 }],
    ['no token where none is sent', { contract: ASKS, users: '2' },      { tokens: [null, null] }],
  ])('%s', (_what, options, load) => expect(read(options)).toMatchObject({ load }))

  // oxfmt-ignore
  test.each([
    ['the contract’s patience',    {},                                   { timeoutMs: minutes(30), expected: [] }],
    ['or the one given',           { timeout: '90s' },                   { timeoutMs: seconds(90) }],
    ['some of the checklist',      { expect: 'tool_executing, tool_completed' }, { expected: ['tool_executing', 'tool_completed'] }],
    ['all of it',                  { contract: ASKS, expect: 'all' },    { expected: ['response.in_progress', 'response.content_part.added', 'response.function_call_arguments.done', 'response.completed'] }],
  ])('%s', (_what, options, settings) => expect(read(options)).toMatchObject({ settings }))

  test('a contract takes what it does not say about frames from the preset it is laid over, key by key', () => {
    const given = read({ contract: ASKS })
    expect('settings' in given && given.settings.progression.frames).toEqual({
      auth: 'none',
      ask: { type: 'response.create', model: 'm', input: '{text}' },
      event: ['{type}'],
      seq: ['sequence_number'],
      text: ['delta', 'error.message', 'response.error.message'],
    })
  })
})

describe('a call that cannot', () => {
  // oxfmt-ignore
  test.each([
    ['a duration',              { timeout: 'soon' },                     ['--timeout', '90s', '"soon"']],
    ['numbers',                 { count: '0', concurrency: 'x' },        ['--count', '--concurrency']],
    ['a file that is not there', { tokenFile: '/nowhere/x' },            ['--token-file cannot be used', '/nowhere/x']],
    ['a file without a token',  { tokenFile: EMPTY },                    ['has no token in it', 'one a line']],
    ['too few tokens',          { users: '4' },                          ['--users 4', 'has 3']],
    ['an event',                { expect: 'tool' },                      ['--expect knows no tool', 'tool_executing', 'all']],
    ['a preset without frames', { contract: 'a2a' },                     ['frames.ask and frames.event', 'docs/CONTRACTS.md']],
    ['one without a question',  { contract: 'openai-responses' },        ['add frames.ask to it']],
    ['a contract with mistakes', { contract: HALF },                     ['frames.auth: expected bearer', '{question} is not one of {text}', 'colour', 'frames.run']],
    ['no such contract',        { contract: 'nope' },                    ['none of laststep, ag-ui']],
    ['a collector',             { collector: '127.0.0.1:4318' },         ['--collector', 'http://127.0.0.1:4318']],
  ] as const)('%s says what to do', (_what, options, parts) => {
    const given = read(options)
    const problems = 'problems' in given ? given.problems.join('\n') : ''
    for (const part of parts) expect(problems).toContain(part)
  })

  test('the address and the token', () => {
    const { tokenFile: _, ...none } = USUAL
    const given = readProbeOptions('http://x', none, systemClock)
    expect(given).toEqual({
      problems: [expect.stringContaining('ws or wss'), expect.stringContaining('--token-file FILE')],
    })
  })
})
