/** Two editors at random, each with what he last saw, on a real desk: whatever the order, nothing that was accepted is lost. */
import * as fc from '../../kit/properties.ts'
import { afterAll, expect, test } from 'vitest'
import type { Edit, EditAnswer, Investigation } from '../../../contract/investigations.ts'
import { systemClock } from '../../../contract/clock.ts'
import { openInvestigations } from '../../../collector/investigate/open-investigations.ts'
import { openDesk } from '../../../collector/keep/desk.ts'
import { temporaryFolder } from '../../kit/programs.ts'

const desk = openDesk(temporaryFolder('editors'))
afterAll(() => desk.close())
const open = () => openInvestigations({ clock: systemClock, desk, edited: () => {}, address: () => '' })
const NOTHING = { run: null, incident: null, changes: [] }

/** What somebody does, as numbers: which part it is about is chosen among those he sees. */
interface Move {
  readonly who: 0 | 1
  /** Looks at the newest sheet first. */
  readonly looks: boolean
  readonly what: number
  readonly which: number
  readonly other: number
}

const move: fc.Arbitrary<Move> = fc.record({
  who: fc.constantFrom(0 as const, 1 as const),
  looks: fc.boolean(),
  what: fc.nat(15),
  which: fc.nat(7),
  other: fc.nat(7),
})

test('all that was accepted is in the history, both see one sheet, and the history played again is that sheet', () => {
  let sheets = 0
  let overwrites = 0
  let late = 0
  fc.assert(
    fc.property(fc.array(move, { minLength: 20, maxLength: 45 }), (moves) => {
      sheets += 1
      const source = open()
      const { id } = source.create({ title: `sheet ${sheets}`, by: 'ana' }, NOTHING)
      const newest = (): Investigation => found(source.find(id))
      const seen = [newest(), newest()]
      const accepted: { by: string; edits: readonly Edit[] }[] = []
      const writer: Writer = { rev: 0, who: 0 }

      for (const [index, { who, looks, ...chosen }] of moves.entries()) {
        if (looks) seen[who] = newest()
        const base = found(seen[who])
        const edits = [editOf(base, chosen, `${who}-${index}`)]
        const by = ['ana', 'ben'][who] ?? ''
        const before = newest()
        const answer = found(
          source.edit(id, { baseRev: base.rev, by, editor: `tab${who}`, edits, key: `${id}-${index}` }),
        )
        if ('refused' in answer) {
          expect(newest()).toEqual(before)
          continue
        }
        accepted.push({ by, edits })
        expect(answer.investigation).toEqual(newest())
        overwrites += checkNotice(edits[0], before, answer, writer, { who, baseRev: base.rev })
        late += answer.overwritten.filter(({ theirs }) => theirs === null).length
        seen[who] = answer.investigation
      }

      const entries = found(source.history(id, Infinity, 1_000)).toReversed()
      expect(entries.slice(1).map(({ by, edits }) => ({ by, edits }))).toEqual(accepted)
      // Another collector knows nothing but what is on the disk.
      const later = open()
      for (const { rev } of entries) expect(later.find(id, rev)).toEqual(source.find(id, rev))
      expect(later.find(id)).toEqual(newest())
    }),
    { numRuns: 20 },
  )
  // Or none of the above was ever about two editors.
  expect(overwrites).toBeGreaterThan(10)
  expect(late).toBeGreaterThan(0)
})

/** Who changed `problem` last. */
interface Writer {
  rev: number
  who: number
}

/** One text that both write often; its notices are worked out here in another way. @returns how many there were */
function checkNotice(
  edit: Edit | undefined,
  before: Investigation,
  { overwritten, investigation }: EditAnswer,
  writer: Writer,
  { who, baseRev }: { readonly who: number; readonly baseRev: number },
): number {
  const isUnseen = writer.rev > baseRev && writer.who !== who
  if (before.problem !== investigation.problem) Object.assign(writer, { rev: investigation.rev, who })
  if (edit?.edit !== 'set') return 0
  const theirs = overwritten.filter(({ field }) => field === 'problem').map((told) => told.theirs)
  expect(theirs).toEqual(isUnseen ? [before.problem] : [])
  return theirs.length
}

function editOf(sheet: Investigation, { what, which, other }: Omit<Move, 'who' | 'looks'>, name: string): Edit {
  const { answers, evidence, notes, actions } = sheet
  const pick = (parts: readonly { readonly id: string }[], index: number): string =>
    parts[index % parts.length]?.id ?? 'none'
  const answer = pick(answers, which)
  switch (what) {
    case 0:
    case 1:
    case 2:
      return { edit: 'set', field: 'problem', value: `text ${name}` }
    case 3:
    case 4: {
      const parentId = other === 0 ? null : pick(answers, other)
      return {
        edit: 'add-answer',
        id: name,
        parentId: parentId === 'none' ? null : parentId,
        order: which,
        question: '?',
        text: name,
      }
    }
    case 5:
      return { edit: 'set-answer', id: answer, field: other % 2 === 0 ? 'text' : 'question', value: `text ${name}` }
    case 6:
      return { edit: 'set-answer-state', id: answer, value: other % 2 === 0 ? 'supported' : 'refuted' }
    case 7:
      return { edit: 'move-answer', id: answer, parentId: other === 0 ? null : pick(answers, other), order: other }
    case 8:
      return { edit: 'remove-answer', id: answer }
    case 9:
    case 10: {
      const piece = { kind: 'note', title: name, link: null, at: null, frozen: [] } as const
      return { edit: 'add-evidence', evidence: piece, answerId: answers.length === 0 ? null : answer }
    }
    case 11:
      return {
        edit: other % 2 === 0 ? 'attach-evidence' : 'detach-evidence',
        id: pick(evidence, which),
        answerId: pick(answers, other),
      }
    case 12:
      return { edit: 'remove-evidence', id: pick(evidence, which) }
    case 13:
      return other % 2 === 0
        ? { edit: 'add-note', id: name, text: name }
        : { edit: 'set-note', id: pick(notes, which), value: name }
    case 14:
      return other % 2 === 0
        ? { edit: 'add-action', id: name, text: name, owner: null, due: null }
        : { edit: 'remove-action', id: pick(actions, which) }
    default:
      return { edit: 'restore', rev: 1 + (which % sheet.rev) }
  }
}

function found<Thing>(thing: Thing | null | undefined): Thing {
  if (thing === null || thing === undefined) throw new Error('expected it to be there')
  return thing
}
