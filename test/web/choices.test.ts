/** What readers choose, as decisions: where code is read, in which zone times are said, what a wall shows. */
import { afterEach, describe, expect, test } from 'vitest'
import { seconds } from '../../contract/units.ts'
import { codeAddress, NO_CODE_LINKS, problemOfTemplate, readCodeLinks } from '../../web/model/code-link.ts'
import { formatClock, formatDay, zoneName } from '../../web/model/format.ts'
import { timeMarks } from '../../web/model/time-axis.ts'
import { zone } from '../../web/model/zone.ts'
import { endpointOf, paths } from '../../web/paths.ts'
import { readSettingsPage, readWall } from '../../web/read-address.ts'

const CODE = { file: '/app/src/tools/search orders.ts', line: 88, function: null }
const GITHUB = 'https://github.com/acme/agent/blob/v{version}/{path}#L{line}'

describe('a line of code', () => {
  // oxfmt-ignore
  test.each([
    // template                            code                       version   root      address
    [GITHUB,                               CODE,                      '1.4.2',  '/app/',  'https://github.com/acme/agent/blob/v1.4.2/src/tools/search%20orders.ts#L88'],
    [GITHUB,                               CODE,                      '1.4.2',  '',       'https://github.com/acme/agent/blob/v1.4.2/app/src/tools/search%20orders.ts#L88'],
    [GITHUB,                               CODE,                      '1.4.2',  '/srv/',  'https://github.com/acme/agent/blob/v1.4.2/app/src/tools/search%20orders.ts#L88'],
    [GITHUB,                               CODE,                      'a/../b', '/app/',  'https://github.com/acme/agent/blob/va%2F..%2Fb/src/tools/search%20orders.ts#L88'],
    ['vscode://file/home/me/{path}:{line}', CODE,                     null,     '/app/',  'vscode://file/home/me/src/tools/search%20orders.ts:88'],
    ['https://x/{path}#L{line}',           { ...CODE, line: null },   null,     '/app/',  'https://x/src/tools/search%20orders.ts#L1'],
    // A link to the code of no version would lead to that of another.
    [GITHUB,                               CODE,                      null,     '/app/',  null],
    ['',                                   CODE,                      '1.4.2',  '/app/',  null],
    ['https://x/{file}',                   CODE,                      '1.4.2',  '/app/',  null],
  ] as const)('%s', (template, code, version, root, address) => {
    expect(codeAddress(template, code, version, { root })).toBe(address)
  })

  // oxfmt-ignore
  test.each([
    ['',                             null],
    [GITHUB,                         null],
    ['cursor://file/{path}:{line}',  null],
    ['https://x/{file}',             '{file} is not known'],
    ['https://x/y',                  '{path} is missing'],
    ['github.com/{path}',            'Begin with an address'],
    ['javascript:alert("{path}")',   'javascript: is no place'],
    ['JavaScript:{path}',            'javascript: is no place'],
    [' javascript:{path}',           'javascript: is no place'],
    ['data:text/html,{path}',        'data: is no place'],
  ])('the template “%s”', (template, problem) => {
    if (problem === null) expect(problemOfTemplate(template)).toBeNull()
    else expect(problemOfTemplate(template)).toContain(problem)
  })

  test('what was stored survives; what makes no sense is left out', () => {
    const links = { ...NO_CODE_LINKS, repository: GITHUB }
    expect(readCodeLinks(JSON.parse(JSON.stringify(links)))).toEqual(links)
    expect(readCodeLinks({ repository: 7, editor: 'vscode://{path}' })).toEqual({
      ...NO_CODE_LINKS,
      editor: 'vscode://{path}',
    })
    expect(readCodeLinks('x')).toBeNull()
  })
})

describe('times', () => {
  afterEach(() => void (zone.value = 'local'))
  const at = Date.UTC(2026, 10, 22, 23, 30)

  test('are said in UTC wherever the reader is, when that was chosen', () => {
    const local = [formatClock(at), formatDay(at)]
    zone.value = 'utc'
    expect([formatClock(at), formatDay(at), zoneName(at)]).toEqual(['23:30:00', '22 Nov', 'UTC'])
    expect(timeMarks(at, at + seconds(7_200), 4).map(({ says }) => says)).toEqual(
      ['23:30', '23 Nov', '00:30', '01:00', '01:30'].slice(0, 5),
    )
    zone.value = 'local'
    expect([formatClock(at), formatDay(at)]).toEqual(local)
  })
})

// oxfmt-ignore
test.each([
  // path       query                                               wall
  ['/live',     {},                                                 null],
  ['/runs',     { wall: '1' },                                      null],
  ['/live',     { wall: '1' },                                      { screen: 'live',   rotate: ['live'],           every: seconds(30) }],
  ['/live',     { wall: '1', rotate: 'live,trends', every: '60' },  { screen: 'live',   rotate: ['live', 'trends'], every: seconds(60) }],
  ['/trends',   { wall: '1', rotate: 'live' },                      { screen: 'trends', rotate: ['live', 'trends'], every: seconds(30) }],
  ['/live',     { wall: '1', rotate: 'live,moon', every: '1' },     { screen: 'live',   rotate: ['live'],           every: seconds(5) }],
  ['/live',     { wall: '1', every: 'soon' },                       { screen: 'live',   rotate: ['live'],           every: seconds(30) }],
] as const)('%s %j on a wall', (path, query, wall) => {
  expect(readWall(path, query)).toEqual(wall)
  if (wall === null) return
  const written = new URL(paths.wall(wall), 'http://x')
  expect(readWall(written.pathname, Object.fromEntries(written.searchParams))).toEqual({
    ...wall,
    every: wall.rotate.length > 1 ? wall.every : seconds(30),
  })
})

test('addresses of the rest', () => {
  expect(endpointOf('[::1]', 4318)).toBe('http://[::1]:4318')
  expect([paths.start(), paths.start('python'), paths.settings(), paths.settings('keys')]).toEqual([
    '/start',
    '/start?language=python',
    '/settings/general',
    '/settings/keys',
  ])
  expect([readSettingsPage('keys'), readSettingsPage('tokens'), readSettingsPage(undefined)]).toEqual([
    'keys',
    'general',
    'general',
  ])
})
