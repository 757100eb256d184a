/** What a page of an investigation works out by itself: what is unsent, who met whom in a field, and the order of the whys. */
import { describe, expect, test } from 'vitest'
import type { Edit } from '../../contract/investigations.ts'
import { addBranch, addWhy, chainOf, moveUp } from '../../web/model/chain.ts'
import { addClashes, clashesOf, clashesOfSave } from '../../web/model/clash.ts'
import { ownPath, repositoryOf } from '../../web/model/investigation-words.ts'
import { editOf, readField, textOf } from '../../web/model/sheet-fields.ts'
import {
  accepted,
  isEmpty,
  NOTHING_UNSENT,
  packed,
  readUnsent,
  refused,
  sheetWith,
  shownText,
  typed,
  united,
  without,
} from '../../web/model/unsent.ts'
import { renderMarkdown } from '../../web/view/markdown.tsx'
import { makeAnswer, makeSheet } from './kit/make-sheet.ts'

const SHEET = makeSheet({
  rev: 7,
  problem: 'it hangs',
  answers: [makeAnswer('a1', { text: 'the pool' })],
  actions: [{ id: 'x1', text: 'fix it', owner: 'Ana', due: null, isDone: false }],
  notes: [{ id: 'n1', text: 'seen before', at: '2026-11-28T10:00:00.000Z', by: null }],
})

describe('a text of a sheet has one name', () => {
  // oxfmt-ignore
  test.each([
    // name                 stands there   the edit that writes it
    ['problem',             'it hangs',    { edit: 'set', field: 'problem', value: 'new' }],
    ['answers.a1.question', 'Why a1?',     { edit: 'set-answer', id: 'a1', field: 'question', value: 'new' }],
    ['answers.a1.text',     'the pool',    { edit: 'set-answer', id: 'a1', field: 'text', value: 'new' }],
    ['actions.x1.owner',    'Ana',         { edit: 'set-action', id: 'x1', field: 'owner', value: 'new' }],
    ['actions.x1.due',      '',            { edit: 'set-action', id: 'x1', field: 'due', value: 'new' }],
    ['notes.n1.text',       'seen before', { edit: 'set-note', id: 'n1', value: 'new' }],
  ] as const)('%s', (name, text, edit) => {
    expect(readField(SHEET, name)).toBe(text)
    expect(editOf(name, 'new')).toEqual(edit)
    expect(textOf(edit as Edit)).toEqual({ field: name, text: 'new' })
  })

  test.each(['state', 'answers.gone.text', 'actions.x1.isDone', 'notes.n1', '__proto__'])('%s is none', (name) => {
    expect(readField(SHEET, name)).toBeNull()
  })

  test('a sheet is never without a title', () => {
    expect(editOf('title', ' ')).toBeNull()
    expect(isEmpty(packed(typed(NOTHING_UNSENT, SHEET, 'title', ''), SHEET, [], 'k1'))).toBe(true)
  })

  test('an owner that is emptied is nobody', () => {
    expect(editOf('actions.x1.owner', '  ')).toEqual({ edit: 'set-action', id: 'x1', field: 'owner', value: null })
  })
})

describe('what is unsent', () => {
  const written = typed(NOTHING_UNSENT, SHEET, 'problem', 'it hangs since 14:02')

  test('is shown until it is there, while it is written and while it is on its way', () => {
    const sent = packed(written, SHEET, [], 'k1')
    for (const unsent of [written, sent]) expect(shownText(SHEET, unsent, 'problem')).toBe('it hangs since 14:02')
    expect(shownText(SHEET, accepted(sent), 'problem')).toBe('it hangs')
    expect(isEmpty(accepted(sent))).toBe(true)
  })

  test('what is taken back needs no sending', () => {
    expect(isEmpty(typed(written, SHEET, 'problem', 'it hangs'))).toBe(true)
  })

  test('texts go before the edits that were made after them, in one batch, seen from where the first was begun', () => {
    const later = typed(written, { ...SHEET, rev: 9 }, 'answers.a1.text', 'the pool is empty')
    const edit: Edit = { edit: 'set-answer-state', id: 'a1', value: 'refuted' }
    const [batch] = packed(later, { ...SHEET, rev: 9 }, [edit], 'k1').batches
    expect(batch?.baseRev).toBe(7)
    expect(batch?.edits.map((one) => one.edit)).toEqual(['set', 'set-answer', 'set-answer-state'])
  })

  test('what is on its way is shown as if it were there; what would be refused is not', () => {
    const edits: readonly Edit[] = [
      { edit: 'add-answer', id: 'a2', parentId: 'a1', order: 1, question: 'Why?', text: '' },
      { edit: 'set-answer-state', id: 'a2', value: 'supported' },
      { edit: 'set-answer-state', id: 'a1', value: 'refuted' },
      { edit: 'restore', rev: 1 },
    ]
    const shown = sheetWith(SHEET, packed(written, SHEET, edits, 'k1'), { at: 0, by: 'Ana' })
    expect(shown.problem).toBe('it hangs since 14:02')
    expect(shown.answers.map(({ id, state }) => [id, state])).toEqual([
      ['a1', 'refuted'],
      ['a2', 'hypothesis'],
    ])
  })

  test('nothing makes no batch', () => {
    expect(packed(NOTHING_UNSENT, SHEET, [], 'k1')).toBe(NOTHING_UNSENT)
  })

  test('of a batch that is refused each edit is tried alone, before what came after; the one to blame is told', () => {
    const keys = ['k3', 'k4']
    const both = packed(written, SHEET, [{ edit: 'remove-note', id: 'n9' }], 'k1')
    const then = packed(typed(both, SHEET, 'title', 'Hangs'), SHEET, [], 'k2')
    const apart = refused(then, () => keys.shift() ?? '')
    expect(apart.dropped).toBeNull()
    expect(apart.unsent.batches.map(({ key, edits }) => [key, edits.length])).toEqual([
      ['k3', 1],
      ['k4', 1],
      ['k2', 1],
    ])
    const second = refused(accepted(apart.unsent), () => 'none')
    expect(second.dropped).toEqual({ edit: 'remove-note', id: 'n9' })
    expect(second.unsent.batches.map(({ key }) => key)).toEqual(['k2'])
  })

  test('what a tab left for others is had once, and not again once it is settled', () => {
    const own = packed(written, SHEET, [], 'k1')
    const left = packed(own, SHEET, [{ edit: 'remove-note', id: 'n1' }], 'k2')
    expect(united(own, left).batches.map(({ key }) => key)).toEqual(['k1', 'k2'])
    expect(without(left, 'k1').batches.map(({ key }) => key)).toEqual(['k2'])
  })

  test('comes back from the storage of the tab as it was', () => {
    const unsent = packed(written, SHEET, [], 'k1')
    expect(readUnsent(JSON.parse(JSON.stringify(unsent)))).toEqual(unsent)
    const half = typed(unsent, SHEET, 'title', 'Hangs')
    expect(readUnsent(JSON.parse(JSON.stringify(half)))).toEqual(half)
  })

  // oxfmt-ignore
  test.each([
    ['nothing',              null],
    ['a list',               []],
    ['another thing',        { texts: 1, batches: [] }],
    ['batches that are none', { texts: {}, batches: 'x' }],
  ])('%s in the storage is none of ours', (_name, stored) => {
    expect(readUnsent(stored)).toBeNull()
  })

  test('of what is half ours the rest is left out', () => {
    const stored = {
      texts: { problem: { text: 1 }, evil: { text: 'x', base: '', rev: 1 } },
      batches: [1, { key: 'k' }],
    }
    expect(readUnsent(stored)).toEqual(NOTHING_UNSENT)
  })
})

describe('two in one field', () => {
  const theirs = { ...SHEET, rev: 8, problem: 'theirs', updatedBy: 'Ben', updatedAt: '2026-11-28T10:05:00.000Z' }
  const mine = typed(NOTHING_UNSENT, SHEET, 'problem', 'mine')
  const inIt = new Map([['problem', 'it hangs']])

  // oxfmt-ignore
  test.each([
    // what is here                      unsent                                      in the field  newer                              told
    ['I am writing there',               mine,                                       new Map(),    theirs,                            ['mine']],
    ['I am in it and wrote nothing yet', NOTHING_UNSENT,                             inIt,         theirs,                            ['it hangs']],
    ['I am elsewhere',                   NOTHING_UNSENT,                             new Map(),    theirs,                            []],
    ['he wrote what I wrote',            typed(NOTHING_UNSENT, SHEET, 'problem', 'theirs'), inIt,  theirs,                            []],
    ['my own save came back',            packed(mine, SHEET, [], 'k1'),              inIt,         { ...theirs, problem: 'mine' },    []],
    ['he wrote elsewhere',               mine,                                       inIt,         { ...theirs, problem: 'it hangs' }, []],
  ] as const)('%s', (_name, unsent, held, newer, told) => {
    const clashes = clashesOf(SHEET, newer, unsent, held)
    expect(clashes.map((clash) => clash.mine)).toEqual(told)
    for (const clash of clashes) expect(clash).toMatchObject({ field: 'problem', by: 'Ben', theirs: 'theirs' })
  })

  test('what I have just added is nobody else’s', () => {
    const adding = packed(NOTHING_UNSENT, SHEET, [{ edit: 'add-note', id: 'n2', text: '' }], 'k1')
    const writing = packed(typed(adding, SHEET, 'notes.n2.text', 'seen'), SHEET, [], 'k2')
    const notes = [...SHEET.notes, { id: 'n2', text: '', at: SHEET.updatedAt, by: null }]
    expect(clashesOf(SHEET, { ...SHEET, rev: 8, notes }, writing, new Map([['notes.n2.text', '']]))).toEqual([])
  })

  test('what I am writing in was taken out', () => {
    const unsent = typed(NOTHING_UNSENT, SHEET, 'answers.a1.text', 'more')
    const clashes = clashesOf(SHEET, { ...theirs, problem: SHEET.problem, answers: [] }, unsent, new Map())
    expect(clashes).toMatchObject([{ field: 'answers.a1.text', theirs: null, mine: 'more' }])
  })

  test('what my save replaced is told with what stands there now; one notice a field, the latest', () => {
    const at = '2026-11-28T10:05:00.000Z'
    const saved = clashesOfSave([{ field: 'problem', by: 'Ben', at, theirs: 'his' }], SHEET, NOTHING_UNSENT)
    expect(saved).toEqual([{ field: 'problem', by: 'Ben', at, theirs: 'his', mine: 'it hangs' }])
    const [first] = saved
    if (first === undefined) throw new Error('no clash')
    expect(addClashes(saved, [{ ...first, theirs: 'later' }])).toEqual([{ ...first, theirs: 'later' }])
    expect(addClashes(saved, [{ ...first, theirs: 'same', mine: 'same' }])).toEqual(saved)
  })
})

describe('the chain', () => {
  const answers = [
    makeAnswer('dns', { parentId: 'pool', order: 2 }),
    makeAnswer('root', { order: 1 }),
    makeAnswer('pool', { parentId: 'root', order: 1 }),
    makeAnswer('client', { parentId: 'pool', order: 1 }),
    makeAnswer('after-dns', { parentId: 'dns', order: 1 }),
  ]

  test('goes down before it goes beside; a branch is set in', () => {
    expect(chainOf(answers).map(({ answer, label, indent }) => [answer.id, label, indent])).toEqual([
      ['root', '1', 0],
      ['pool', '2', 0],
      ['client', '3', 0],
      ['dns', '3b', 1],
      ['after-dns', '4', 1],
    ])
  })

  test('an answer whose parent is gone, or in a ring, is still listed once', () => {
    const ring = [makeAnswer('a', { parentId: 'b' }), makeAnswer('b', { parentId: 'a' })]
    expect(
      chainOf([...ring, makeAnswer('orphan', { parentId: 'gone' })])
        .map(({ answer }) => answer.id)
        .sort(),
    ).toEqual(['a', 'b', 'orphan'])
  })

  test('a why goes below the last of its parent, a branch beside it with the same question', () => {
    const [, , pool] = answers
    if (pool === undefined) throw new Error('no answer')
    expect(addWhy(answers, pool, 'new')).toMatchObject({ parentId: 'pool', order: 3, question: '' })
    expect(addBranch(answers, pool, 'new')).toMatchObject({ parentId: 'root', order: 2, question: 'Why pool?' })
    expect(addWhy([], null, 'new')).toMatchObject({ parentId: null, order: 1 })
  })

  test('moving up puts it before its neighbour and after the one beyond', () => {
    const three = [1, 2, 3].map((order) => makeAnswer(`n${order}`, { order }))
    const rows = chainOf(three)
    expect(rows.map((row) => moveUp(row, three))).toEqual([
      null,
      { edit: 'move-answer', id: 'n2', parentId: null, order: 0 },
      { edit: 'move-answer', id: 'n3', parentId: null, order: 1.5 },
    ])
  })
})

describe('what others wrote stays where it is', () => {
  // oxfmt-ignore
  test.each([
    ['/runs/run_1?span=a',  '/runs/run_1?span=a'],
    ['//evil.example',      null],
    ['/\\evil.example',     null],
    ['https://evil.example', null],
    ['javascript:alert(1)', null],
    [null,                  null],
  ])('a link %s', (link, path) => {
    expect(ownPath(link)).toBe(path)
  })

  // oxfmt-ignore
  test.each([
    ['raw HTML is text',          '<img src=x onerror=alert(1)> <script>alert(1)</script>', ['&lt;img', '&lt;script&gt;'], ['<img', '<script']],
    ['an address that runs',      '[x](javascript:alert(1))',                               ['href=""'],                    ['javascript:']],
    ['a picture is a link',       '![x](https://evil.example/pixel.png)',                   ['<a '],                        ['<img']],
    ['a heading is bold',         '# Big',                                                  ['<strong>Big</strong>'],       ['<h1']],
    ['a heading that is typed',   '`<h1>`',                                                 ['&lt;h1&gt;'],                 ['<strong>']],
    ['a link tells nobody',       '[x](https://example.com)',                               ['rel="noopener noreferrer"'],  []],
    ['a block of HTML',           '<div onclick="alert(1)">\n\n**bold**\n\n</div>',         ['<strong>bold</strong>'],      ['<div']],
  ])('%s', (_name, text, has, hasNot) => {
    const html = renderMarkdown(text)
    for (const part of has) expect(html).toContain(part)
    for (const part of hasNot) expect(html).not.toContain(part)
  })
})

// oxfmt-ignore
test.each([
  ['https://github.com/acme/agent/blob/v{version}/{path}#L{line}',         'https://github.com/acme/agent'],
  ['https://gitlab.com/acme/team/agent/-/blob/{version}/{path}#L{line}',   'https://gitlab.com/acme/team/agent'],
  ['https://git.acme.example/acme/agent/src/{version}/{path}',             'https://git.acme.example/acme/agent'],
  ['vscode://file/home/me/agent/{path}:{line}',                            null],
  ['https://code.acme.example/{path}',                                     null],
  ['',                                                                     null],
])('the repository of %s', (template, repository) => {
  expect(repositoryOf(template)).toBe(repository)
})
