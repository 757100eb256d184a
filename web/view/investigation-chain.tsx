/** The whys, one under the other; branches beside each other; and what each answer rests on. */
import { useSignal, type Signal } from '@preact/signals'
import { ANSWER_STATES, SHEET_LIMITS, type AnswerState, type Investigation } from '../../contract/investigations.ts'
import { newId } from '../../contract/ids.ts'
import { addBranch, addWhy, chainOf, moveUp, STATE_WORDS, type ChainRow } from '../model/chain.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import { fieldOf } from '../model/sheet-fields.ts'
import { EvidenceChip } from './investigation-evidence.tsx'
import { SheetField } from './investigation-field.tsx'
import { Icon, type IconName } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import { say } from './said.tsx'

interface ChainProps {
  readonly open: OpenSheet
  readonly sheet: Investigation
}

/** Shape and word say it; colour only helps. */
const STATE_ICONS: Readonly<Record<AnswerState, IconName>> = {
  hypothesis: 'system',
  supported: 'completed',
  refuted: 'close',
}

export function Chain({ open, sheet }: ChainProps) {
  /** The answer that was just added here. */
  const added = useSignal<string | null>(null)
  const rows = chainOf(sheet.answers)
  const last = rows.findLast(({ isBranch, answer }) => !isBranch && answer.state !== 'refuted') ?? rows.at(-1)
  const addNext = () => {
    added.value = newId('part')
    open.change(addWhy(sheet.answers, last?.answer ?? null, added.value))
  }
  return (
    <section class="card">
      <header>
        <h2>Whys</h2>
        <span class="count">{rows.length}</span>
        <span class="grow" />
        <span class="hint wide-only">ask how it came about, not who did it</span>
      </header>
      <ol class="whys" role="list">
        {rows.map((row) => (
          <Why key={row.answer.id} row={row} open={open} sheet={sheet} added={added} />
        ))}
      </ol>
      <p class="in-card no-print">
        <button type="button" class="button" onClick={addNext}>
          <Icon name="plus" /> Why
        </button>
      </p>
    </section>
  )
}

interface WhyProps extends ChainProps {
  readonly row: ChainRow
  readonly added: Signal<string | null>
}

function Why({ row, open, sheet, added }: WhyProps) {
  const { answer, label, indent, isBranch } = row
  const up = moveUp(row, sheet.answers)
  const add = (make: typeof addBranch) => {
    added.value = newId('part')
    open.change(make(sheet.answers, answer, added.value))
  }
  return (
    <li class={`why is-${answer.state}`} style={{ '--indent': Math.min(indent, 4) }}>
      <div class="why-question">
        <span class="why-label">
          {isBranch && <span class="hint">or </span>}
          {label}
        </span>
        <SheetField
          open={open}
          name={fieldOf.answer(answer, 'question')}
          label={`Why ${label}`}
          kind="line"
          placeholder="Why? How did it come about?"
          isNew={added.peek() === answer.id}
          charsMax={SHEET_LIMITS.text}
        />
        {answer.isDraft && <span class="tag">drafted by Laststep</span>}
      </div>
      <SheetField
        open={open}
        name={fieldOf.answer(answer, 'text')}
        label={`Answer ${label}`}
        kind="markdown"
        placeholder="Because…"
        charsMax={SHEET_LIMITS.text}
      />
      <div class="why-foot">
        <StateChoice row={row} open={open} />
        <Attached row={row} open={open} sheet={sheet} />
        <span class="grow" />
        <span class="why-tools no-print">
          <button type="button" class="button" onClick={() => add(addWhy)}>
            <Icon name="plus" /> Why<span class="sr"> below {label}</span>
          </button>
          <button type="button" class="button" onClick={() => add(addBranch)}>
            <Icon name="plus" /> Branch<span class="sr"> beside {label}</span>
          </button>
          {up !== null && (
            <button
              type="button"
              class="button is-square"
              aria-label={`Move ${label} up`}
              title="Move up"
              onClick={() => open.change(up)}
            >
              <Icon name="up" />
            </button>
          )}
          <button
            type="button"
            class="button is-square"
            aria-label={`Take out ${label}`}
            title="Take out"
            onClick={() => {
              open.change({ edit: 'remove-answer', id: answer.id })
              say(`${label} is taken out; the history has it`)
            }}
          >
            <Icon name="close" />
          </button>
        </span>
      </div>
    </li>
  )
}

function StateChoice({ row: { answer, label }, open }: Pick<WhyProps, 'row' | 'open'>) {
  const needsEvidence = answer.evidence.length === 0
  const hint = `needs-${answer.id}`
  return (
    <fieldset class="why-states">
      <legend class="sr">State of answer {label}</legend>
      {ANSWER_STATES.map((state) => {
        const isRefused = state === 'supported' && needsEvidence
        return (
          <label key={state} class={`why-state ${isRefused ? 'is-off' : ''}`}>
            <input
              type="radio"
              name={`state-${answer.id}`}
              checked={answer.state === state}
              disabled={isRefused}
              aria-describedby={isRefused ? hint : undefined}
              onChange={() => open.change({ edit: 'set-answer-state', id: answer.id, value: state })}
            />
            <Icon name={STATE_ICONS[state]} />
            {STATE_WORDS[state]}
          </label>
        )
      })}
      {needsEvidence && (
        <span id={hint} class="hint no-print">
          supported needs evidence
        </span>
      )}
    </fieldset>
  )
}

function Attached({ row: { answer, label }, open, sheet }: WhyProps | Omit<WhyProps, 'added'>) {
  const others = sheet.evidence.filter(({ id }) => !answer.evidence.includes(id))
  return (
    <span class="why-evidence">
      {answer.evidence.map((id) => (
        <span key={id} class="chip-pair">
          <EvidenceChip id={id} />
          <button
            type="button"
            class="copy no-print"
            aria-label={`Take ${id} from answer ${label}`}
            title="Take from this answer"
            onClick={() => open.change({ edit: 'detach-evidence', id, answerId: answer.id })}
          >
            <Icon name="minus" />
          </button>
        </span>
      ))}
      {others.length > 0 ? (
        <select
          class="no-print"
          aria-label={`Attach evidence to answer ${label}`}
          value=""
          onChange={(event) => {
            const id = event.currentTarget.value
            event.currentTarget.value = ''
            if (id !== '') open.change({ edit: 'attach-evidence', id, answerId: answer.id })
          }}
        >
          <option value="">+ evidence</option>
          {others.map(({ id, title }) => (
            <option key={id} value={id}>
              {id} {title}
            </option>
          ))}
        </select>
      ) : (
        answer.evidence.length === 0 && (
          <span class="hint no-print">
            press <KeyHint action="pin" /> anywhere to pin some
          </span>
        )
      )}
    </span>
  )
}
