/** A sheet as Markdown: what it has, and that nothing in it acts on whoever reads it. */
import { describe, expect, test } from 'vitest'
import { inertLine, inertMarkdown } from '../../../collector/investigate/inert-text.ts'
import { linkIssues } from '../../../collector/investigate/link-issues.ts'
import { writeMarkdown } from '../../../collector/investigate/write-markdown.ts'
import { toIso } from '../../../contract/units.ts'
import { START } from '../serve/kit/made-runs.ts'
import { makeAnswer, makePiece, makeSheet } from './kit/made-sheets.ts'

const ADDRESS = 'https://laststep.example/investigations/INV-1'
const JOINER = '\u2060'
const write = (different: Parameters<typeof makeSheet>[0] = {}): string =>
  writeMarkdown({ investigation: makeSheet(different), timeline: [], address: ADDRESS })

test('has every part of the sheet, in the order in which it is read', () => {
  const markdown = writeMarkdown({
    investigation: makeSheet({
      title: 'Stalls in search_orders',
      problem: '41 runs stalled.',
      answers: [
        makeAnswer('a', { question: 'Why no answer?', text: 'It hangs.', state: 'supported', evidence: ['E1'] }),
        makeAnswer('b', { parentId: 'a', order: 2, question: 'Or?', text: 'DNS', state: 'refuted', isDraft: false }),
        makeAnswer('c', { parentId: 'a', order: 1, question: 'Why does it hang?' }),
        makeAnswer('d', { parentId: 'c', question: 'Why then?' }),
      ],
      evidence: [makePiece('E1', { title: 'run run_1', frozen: [{ name: 'status', value: 'stalled' }] })],
      contributing: 'No limit on the pool.',
      limited: 'The retry.',
      detection: { beganAt: toIso(START), detectedAt: toIso(START + 20_000), delayMs: 20_000 },
      actions: [{ id: 'x', text: 'Set a limit', owner: 'ana', due: '2026-12-01', isDone: true }],
    }),
    timeline: [{ at: toIso(START), kind: 'deploy', text: 'shop 1.4.2 first seen', link: null }],
    address: ADDRESS,
  })
  const found = [
    '# INV-1: Stalls in search_orders\n',
    `<${ADDRESS}>`,
    '## Problem\n\n> 41 runs stalled.\n',
    '### 1. Why no answer?\n\n> It hangs.\n\nsupported · E1 · drafted by Laststep\n',
    '### 2a. Why does it hang?\n\n> (open)\n',
    '### 3a. Why then?\n',
    '### 2b. Or?\n\n> DNS\n\nrefuted\n',
    '| E1 | run | run run_1 | 2026-11-22T03:00:00.000Z | status: `stalled` |'.replace(
      'run run_1',
      '[run run_1](/runs/run_1)',
    ),
    '- delay: 20 s\n',
    '## Contributing factors\n\n> No limit on the pool.\n',
    '## What limited the damage\n\n> The retry.\n',
    '- [x] Set a limit (ana, due 2026-12-01)\n',
    '- 2026-11-22T03:00:00.000Z deploy: shop 1.4.2 first seen\n',
    `2026-11-22T03:00:00.000Z by ana\n\n> seen before\n`,
  ].map((part) => markdown.indexOf(part))
  expect(found).not.toContain(-1)
  expect(found).toEqual(found.toSorted((a, b) => a - b))
})

describe('what somebody wrote', () => {
  // oxfmt-ignore
  test.each([
    // written                                    as it is exported
    ['plain words, `code` and **bold**',          'plain words, `code` and **bold**'],
    ['[docs](https://a.example/x)',               '[docs](https://a.example/x)'],
    ['1 < 2 and a<b',                             `1 < 2 and a<${JOINER}b`],
    ['<script>alert(1)</script>',                 `<${JOINER}script>alert(1)<${JOINER}/script>`],
    ['<!-- hidden -->',                           `<${JOINER}!-- hidden -->`],
    ['<https://evil.example>',                    `<${JOINER}https://evil.example>`],
    ['[click](javascript:alert(1))',              `[click]${JOINER}(javascript:alert(1))`],
    ['[click](&#106;avascript:alert(1))',         `[click]${JOINER}(&#106;avascript:alert(1))`],
    ['[click](//evil.example)',                   `[click]${JOINER}(//evil.example)`],
    ['[a]: data:text/html,x',                     `[a]${JOINER}: data:text/html,x`],
    ['![pixel](https://evil.example/p.png)',      `!${JOINER}[pixel](https://evil.example/p.png)`],
    ['cc @ana and (@acme/ops), not ana@mail.example', `cc @${JOINER}ana and (@${JOINER}acme/ops), not ana@mail.example`],
    ['@here fixes #12 and acme/agent#7, &#8203;',  `@${JOINER}here fixes #${JOINER}12 and acme/agent#${JOINER}7, &#8203;`],
    ['turned \u202eround\u0007',                  'turned round'],
  ])('%s', (written, exported) => {
    expect(inertMarkdown(written)).toBe(exported)
  })

  // Each pattern looks at each character a fixed number of times; one that looked ahead from every dot would take hours here.
  test.each(['.', '/-', '](', '] (', '@', '#', '`', '<', '![ ', '\t', '](  '])(
    'of two million characters, "%s" again and again, is read once',
    (part) => {
      expect(inertMarkdown(part.repeat(2_000_000 / part.length)).length).toBeGreaterThanOrEqual(1_000_000)
    },
  )

  test('ends with its quote: a fence that was left open swallows nothing', () => {
    const markdown = write({ problem: '```\nleft open', contributing: '- [ ] list\n\n# heading\n~~~~' })
    expect(markdown).toContain('## Problem\n\n> ```\n> left open\n\n## Whys')
    expect(markdown).toContain('> - [ ] list\n>\n> # heading\n> ~~~~\n')
  })
})

describe('what telemetry said', () => {
  test('in a line of words no link comes of it', () => {
    expect(inertLine('tool [x](https://evil.example)\n# y')).toBe(`tool [x]${JOINER}(https://evil.example) # y`)
    expect(inertLine('[x][y] [x]: z')).toBe(`[x]${JOINER}[y] [x]${JOINER}: z`)
  })

  // oxfmt-ignore
  test.each([
    // value                       in its cell
    ['stalled',                    '`stalled`'],
    ['a|b',                        '`a\\|b`'],
    ['`rm -rf`',                   '`` `rm -rf` ``'],
    ['a ``` b',                    '````a ``` b````'],
    ['@all <b> [x](y)',            '`@all <b> [x](y)`'],
    [' ',                          '`   `'],
    ['a\\|b',                       '(below)'],
    ['a\r\nb',                     '(below)'],
  ])('a value stands in code, as it was: %s', (value, cell) => {
    expect(write({ evidence: [makePiece('E1', { frozen: [{ name: 'v|w', value }] })] })).toContain(`| v\\|w: ${cell} |\n`)
  })

  test('a backtick in a name pairs with none of a value: what is in code stays there', () => {
    const frozen = [{ name: 'n`', value: '<a href=x>' }]
    expect(write({ evidence: [makePiece('E1', { title: 't` \\`', frozen })] })).toContain(
      '| [t\\` \\\\\\`](/runs/run_1) | 2026-11-22T03:00:00.000Z | n\\`: `<a href=x>` |',
    )
  })

  test('a long value stands below the table, in a fence it cannot close', () => {
    const stack = 'Error\n```\n## Not a heading\n````'
    const markdown = write({ evidence: [makePiece('E1', { frozen: [{ name: 'stack', value: stack }] })] })
    expect(markdown).toContain('| stack: (below) |\n')
    expect(markdown).toContain(`E1, stack:\n\n\`\`\`\`\`text\n${stack}\n\`\`\`\`\`\n`)
  })

  test('a title ends neither its link nor its row', () => {
    const piece = makePiece('E1', { title: 'a ](https://evil.example) | b', link: '/runs/a(b)?x=1 2' })
    expect(write({ evidence: [piece] })).toContain(
      `| [a \\]${JOINER}(https://evil.example) \\| b](/runs/a%28b%29?x=1%202) |`,
    )
  })
})

describe('a link to a new issue', () => {
  // oxfmt-ignore
  test.each([
    // repository                                                   pages
    ['https://github.com/acme/agent',                               ['https://github.com/acme/agent/issues/new?title=T&body=B']],
    ['https://github.com/acme/agent.git',                           ['https://github.com/acme/agent/issues/new?title=T&body=B']],
    ['https://github.com/acme/agent/blob/{version}/{path}#L{line}', ['https://github.com/acme/agent/issues/new?title=T&body=B']],
    ['https://gitlab.com/acme/team/agent/-/blob/{version}/{path}',  ['https://gitlab.com/acme/team/agent/-/issues/new?issue%5Btitle%5D=T&issue%5Bdescription%5D=B']],
    ['https://code.acme.example/acme/agent',                        ['https://code.acme.example/acme/agent/issues/new?title=T&body=B', 'https://code.acme.example/acme/agent/-/issues/new?issue%5Btitle%5D=T&issue%5Bdescription%5D=B']],
    ['javascript:alert(1)//github.com/a/b',                         []],
    ['vscode://file/{path}:{line}',                                 []],
    ['https://github.com/acme',                                     []],
    ['not an address',                                              []],
  ])('%s', (repository, pages) => {
    expect(linkIssues(repository, 'T', 'B', ADDRESS).map(({ href }) => href)).toEqual(pages)
  })

  test('is as long as an address may be, with whole lines and where the rest is', () => {
    const body = Array.from({ length: 2_000 }, (_, index) => `line ${index} ü`).join('\n')
    const [link] = linkIssues('https://github.com/acme/agent', 'T', body, ADDRESS)
    const text = new URL(link?.href ?? '').searchParams.get('body') ?? ''
    expect(link?.isCut).toBe(true)
    expect(link?.href.length).toBeLessThanOrEqual(8_000)
    expect(link?.href.length).toBeGreaterThan(7_900)
    expect(text).toMatch(/^line 0 ü\n/)
    expect(text).toContain(`ü\n\nThe whole sheet: ${ADDRESS}\n`)
  })
})
