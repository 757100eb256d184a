/** What edits make of a sheet, what they may not, and what one editor is told about another. */
import { describe, expect, test } from 'vitest'
import type { Edit, Investigation } from '../../../contract/investigations.ts'
import { seconds, toIso } from '../../../contract/units.ts'
import { addEntry, decideEdits, newestOf } from '../../../collector/investigate/sheet-ledger.ts'
import { START } from '../serve/kit/made-runs.ts'
import { ANA, BEN, makeSheet, openTestLedger } from './kit/made-sheets.ts'

const note = { kind: 'note', title: 'seen by hand', link: null, at: null, frozen: [] } as const

/** What stands in the sheet after these edits of Ana's. */
function after(...edits: Edit[]): Investigation {
  const decision = openTestLedger().edit(ANA, edits)
  if (decision.result !== 'edited') throw new Error(JSON.stringify(decision))
  return decision.sheet
}

describe('an edit', () => {
  test.each<[string, Edit[], object]>([
    ['sets a text', [{ edit: 'set', field: 'problem', value: 'none' }], { problem: 'none', rev: 2, updatedBy: 'ana' }],
    ['closes the sheet', [{ edit: 'set-state', value: 'closed' }], { state: 'closed' }],
    [
      'sets when it began, and the delay is worked out',
      [
        { edit: 'set-detection', field: 'beganAt', value: toIso(START) },
        { edit: 'set-detection', field: 'detectedAt', value: toIso(START + seconds(20)) },
      ],
      { detection: { delayMs: 20_000 } },
    ],
    [
      'of a drafted answer makes it somebody’s own',
      [{ edit: 'set-answer', id: 'a1', field: 'text', value: 'the pool' }],
      {
        answers: [
          { id: 'a1', text: 'the pool', isDraft: false },
          { id: 'a2', isDraft: true },
        ],
      },
    ],
    [
      'adds a branch, with evidence that supports it, in one request',
      [
        { edit: 'add-answer', id: 'b', parentId: 'a1', order: 2, question: 'or?', text: 'DNS' },
        { edit: 'add-evidence', evidence: note, answerId: 'b' },
        { edit: 'set-answer-state', id: 'b', value: 'supported' },
      ],
      { answers: [{}, {}, { id: 'b', state: 'supported', evidence: ['E2'] }], evidence: [{}, { id: 'E2', by: 'ana' }] },
    ],
    [
      'takes the last evidence away, and the answer is a hypothesis again',
      [{ edit: 'detach-evidence', id: 'E1', answerId: 'a2' }],
      { answers: [{}, { state: 'hypothesis', evidence: [] }], evidence: [{ id: 'E1' }] },
    ],
    [
      'takes evidence out of the sheet and of its answers, and its number is not given again',
      [
        { edit: 'remove-evidence', id: 'E1' },
        { edit: 'add-evidence', evidence: note, answerId: null },
      ],
      { answers: [{}, { state: 'hypothesis', evidence: [] }], evidence: [{ id: 'E2' }], pinned: 2 },
    ],
    [
      'takes an answer out, and what followed from it stays',
      [{ edit: 'remove-answer', id: 'a1' }],
      { answers: [{ id: 'a2', parentId: null }] },
    ],
    [
      'does an action',
      [
        { edit: 'set-action', id: 'x1', field: 'owner', value: 'ben' },
        { edit: 'set-action', id: 'x1', field: 'due', value: '2026-12-01' },
        { edit: 'set-action', id: 'x1', field: 'isDone', value: true },
      ],
      { actions: [{ id: 'x1', owner: 'ben', due: '2026-12-01', isDone: true }] },
    ],
    [
      'writes a note, with who and when',
      [{ edit: 'add-note', id: 'n2', text: 'hm' }],
      { notes: [{}, { id: 'n2', text: 'hm', by: 'ana', at: toIso(START + seconds(1)) }] },
    ],
  ])('%s', (_name, edits, expected) => {
    expect(after(...edits)).toMatchObject(expected)
  })

  test.each<[string, Edit[], string]>([
    ['support without evidence', [{ edit: 'set-answer-state', id: 'a1', value: 'supported' }], 'pin some to it first'],
    ['an answer below itself', [{ edit: 'move-answer', id: 'a1', parentId: 'a2', order: 1 }], 'follow from itself'],
    ['a name that was never there', [{ edit: 'set-note', id: 'n9', value: '' }], 'no notes.n9'],
    ['a parent that was never there', [{ edit: 'move-answer', id: 'a2', parentId: 'a9', order: 1 }], 'no answers.a9'],
    ['a name that is taken', [{ edit: 'add-note', id: 'n1', text: '' }], 'notes.n1 already'],
    ['a revision that is not there yet', [{ edit: 'restore', rev: 5 }], 'no revision 5'],
  ])('is refused: %s, and with it all of its request', (_name, edits, because) => {
    const play = openTestLedger()
    const decision = play.edit(ANA, [{ edit: 'set', field: 'problem', value: 'half' }, ...edits])
    expect(decision).toMatchObject({ result: 'refused', because: expect.stringContaining(because) })
    expect(play.ledger.sheets).toHaveLength(1)
  })

  test('that puts back an earlier revision is an edit like others: nothing is forgotten, no number given twice', () => {
    const play = openTestLedger()
    play.edit(ANA, [
      { edit: 'remove-answer', id: 'a2' },
      { edit: 'add-evidence', evidence: note, answerId: null },
    ])
    play.edit(BEN, [{ edit: 'restore', rev: 1 }])
    const { answers, evidence, pinned } = makeSheet()
    expect(newestOf(play.ledger)).toMatchObject({ rev: 3, answers, evidence, pinned: pinned + 1, updatedBy: 'ben' })
    play.edit(BEN, [{ edit: 'restore', rev: 2 }])
    expect(newestOf(play.ledger).evidence.map(({ id }) => id)).toEqual(['E1', 'E2'])
  })
})

describe('two editors', () => {
  test('who overwrites what he has not seen is told what it was and whose; the last write stands', () => {
    const play = openTestLedger()
    play.edit(BEN, [{ edit: 'set', field: 'problem', value: 'B' }], 1)
    const decision = play.edit(ANA, [{ edit: 'set', field: 'problem', value: 'A' }], 1)
    const at = toIso(START + seconds(1))
    expect(decision).toMatchObject({
      sheet: { problem: 'A' },
      entry: { overwritten: [{ field: 'problem', by: 'ben', at, theirs: 'B' }] },
    })
  })

  // oxfmt-ignore
  test.each<[string, Edit[], Edit[], string[]]>([
    // what Ben did                                        what Ana does, not having seen it            what she is told
    ['other fields', [{ edit: 'set', field: 'title', value: 'B' }], [{ edit: 'set', field: 'problem', value: 'A' }], []],
    ['the same text', [{ edit: 'set', field: 'title', value: 'B' }], [{ edit: 'set', field: 'title', value: 'B' }], []],
    ['one answer', [{ edit: 'set-answer', id: 'a1', field: 'text', value: 'B' }], [{ edit: 'set-answer', id: 'a1', field: 'text', value: 'A' }], ['answers.a1.text']],
    ['an answer edited, then taken out', [{ edit: 'set-answer', id: 'a1', field: 'text', value: 'B' }], [{ edit: 'remove-answer', id: 'a1' }], ['answers.a1.text']],
    ['an answer taken out, then edited', [{ edit: 'remove-answer', id: 'a1' }], [{ edit: 'set-answer', id: 'a1', field: 'text', value: 'A' }], ['answers.a1']],
    ['an answer moved twice', [{ edit: 'add-answer', id: 'b', parentId: null, order: 2, question: '', text: '' }, { edit: 'move-answer', id: 'a2', parentId: 'b', order: 1 }], [{ edit: 'move-answer', id: 'a2', parentId: null, order: 5 }], ['answers.a2.parentId']],
    ['a text, then an earlier revision', [{ edit: 'set', field: 'limited', value: 'B' }], [{ edit: 'restore', rev: 1 }], ['limited']],
  ])('%s', (_name, bens, anas, told) => {
    const play = openTestLedger()
    expect(play.edit(BEN, bens, 1).result).toBe('edited')
    const decision = play.edit(ANA, anas, 1)
    expect(decision.result === 'edited' && decision.entry.overwritten.map(({ field }) => field)).toEqual(told)
  })

  test('an edit of what another took out changes nothing, and its text is in the history', () => {
    const play = openTestLedger()
    play.edit(BEN, [{ edit: 'remove-note', id: 'n1' }])
    const late: Edit = { edit: 'set-note', id: 'n1', value: 'my long thought' }
    expect(play.edit(ANA, [late], 1)).toMatchObject({
      entry: { overwritten: [{ field: 'notes.n1', by: 'ben', theirs: null }] },
    })
    expect(newestOf(play.ledger).notes).toEqual([])
    expect(play.ledger.entries.at(-1)?.edits).toEqual([late])
  })

  test('what hangs below an answer that was taken out meanwhile hangs below what is left of the chain', () => {
    const play = openTestLedger()
    play.edit(BEN, [{ edit: 'remove-answer', id: 'a2' }])
    play.edit(ANA, [{ edit: 'add-answer', id: 'c', parentId: 'a2', order: 1, question: 'why?', text: 'so' }], 1)
    expect(newestOf(play.ledger).answers.find(({ id }) => id === 'c')).toMatchObject({ parentId: 'a1', text: 'so' })
  })

  test('evidence pinned to an answer that was taken out meanwhile stays in the sheet', () => {
    const play = openTestLedger()
    play.edit(BEN, [{ edit: 'remove-answer', id: 'a2' }])
    play.edit(ANA, [{ edit: 'add-evidence', evidence: note, answerId: 'a2' }], 1)
    expect(newestOf(play.ledger).evidence.map(({ id }) => id)).toEqual(['E1', 'E2'])
  })

  test('nobody is told that he overwrote himself, also when he writes faster than he is answered', () => {
    const play = openTestLedger()
    for (const value of ['t', 'te', 'tex']) play.edit(ANA, [{ edit: 'set', field: 'problem', value }], 1)
    expect(play.ledger.entries.flatMap(({ overwritten }) => overwritten)).toEqual([])
  })
})

test('a request sent again is done once, and is what was asked first', () => {
  const ledger = openTestLedger().ledger
  const request = { baseRev: 1, key: 'k', edits: [{ edit: 'add-note', id: 'n2', text: 'once' }] } as const
  const first = decideEdits(ledger, request, START)
  if (first.result !== 'edited') throw new Error('refused')
  const again = decideEdits(addEntry(ledger, first.entry), request, START)
  expect(again).toEqual({ result: 'repeated', entry: first.entry })
})
