/** Everything that was ever written in a sheet, and the way back to any of it. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { HistoryEntry, InvestigationId } from '../../contract/investigations.ts'
import { fromIso } from '../../contract/units.ts'
import { formatSecond } from '../model/format.ts'
import { editWords } from '../model/investigation-words.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { say } from './said.tsx'
import { useScreen } from './screen.ts'
import { Sheet } from './sheet.tsx'
import type { Investigations } from './use-investigations.ts'

interface HistoryProps {
  readonly open: OpenSheet
  readonly id: InvestigationId
  readonly data: Investigations
}

export function HistoryButton(props: HistoryProps) {
  const isOpen = useSignal(false)
  return (
    <>
      <button type="button" class="button no-print" onClick={() => (isOpen.value = true)}>
        History
      </button>
      <Sheet title="History" id="history-title" isOpen={isOpen}>
        {isOpen.value && <Entries {...props} close={() => (isOpen.value = false)} />}
      </Sheet>
    </>
  )
}

function Entries({ open, id, data, close }: HistoryProps & { close: () => void }) {
  const watch = useMemo(() => data.history(id), [])
  useEffect(() => watch.stop, [watch])
  useEffect(watch.refresh, [])
  const { data: history, problem } = watch.state.value
  if (problem !== null) return <ProblemBox problem={problem} retry={watch.refresh} />
  if (history === null) return <SkeletonRows />
  const restore = (rev: number) => {
    open.change({ edit: 'restore', rev })
    say(`Restored as it was at revision ${rev}`)
    close()
  }
  return (
    <ol class="history" role="list">
      {history.entries.map((entry, index) => (
        <li key={entry.rev}>
          <Entry entry={entry} />
          {index > 0 && (
            <button type="button" class="button" onClick={() => restore(entry.rev)}>
              Restore<span class="sr"> revision {entry.rev}</span>
            </button>
          )}
        </li>
      ))}
    </ol>
  )
}

function Entry({ entry: { rev, at, by, edits, overwritten } }: { entry: HistoryEntry }) {
  const { live } = useScreen()
  return (
    <div>
      <p class="hint">
        {rev} ·{' '}
        <time dateTime={at} title={at}>
          {formatSecond(fromIso(at), live.tick.peek())}
        </time>
        {by === null ? '' : ` · ${by}`}
      </p>
      {edits.length === 0 ? <p>begun</p> : edits.map((edit, index) => <p key={index}>{editWords(edit)}</p>)}
      {overwritten.map(({ field, by: whose, theirs }, index) => (
        <p key={`o${index}`} class="hint">
          replaced what {whose ?? 'somebody else'} had written in {field}:{' '}
          {theirs === null ? 'taken out' : `“${theirs}”`}
        </p>
      ))}
    </div>
  )
}
