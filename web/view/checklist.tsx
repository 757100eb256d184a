/** The five critical events, in order, each with its evidence. */
import type { ChecklistItem, RunDetail } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { formatAge, formatDuration, formatTime, zoneName } from '../model/format.ts'
import { CONFIRMED, LOST } from '../model/lane.ts'
import { recordOf } from '../model/selected-moment.ts'
import { CHECK_WORDS, DELIVERY_WORDS } from '../model/words.ts'
import type { RunSelection } from '../paths.ts'
import { Icon, type IconName } from './icon.tsx'
import { useKeys } from './keyboard.ts'
import { useScreen } from './screen.ts'

interface ChecklistProps {
  readonly run: RunDetail
  readonly select: (selection: Partial<RunSelection>) => void
}

const STATE_ICONS: Readonly<Record<ChecklistItem['state'], IconName>> = {
  done: 'completed',
  pending: 'pending',
  overdue: 'stalled',
  skipped: 'failed',
  optional: 'optional',
}

export function Checklist({ run, select }: ChecklistProps) {
  const jump = (at: number) => {
    const item = run.checklist[at]
    const record = item && recordOf(item, run)
    if (record) select(record)
  }
  useKeys({
    'event-1': () => jump(0),
    'event-2': () => jump(1),
    'event-3': () => jump(2),
    'event-4': () => jump(3),
    'event-5': () => jump(4),
  })
  const done = run.checklist.filter((item) => item.state === 'done').length
  return (
    <section class="card checklist-card">
      <header>
        <h2>Critical events</h2>
        <span class="hint">
          {done} of {run.checklist.length}
        </span>
      </header>
      <ol class="checklist">
        {run.checklist.map((item, index) => (
          <li key={item.event} class={isUnheard(item, run) ? 'is-undelivered' : `is-${item.state}`}>
            <Icon name={iconOf(item, run)} />
            <span class="check-name">
              <CheckName item={item} record={recordOf(item, run)} select={select} />
              {item.count > 1 && <span class="hint"> ×{item.count}</span>}
            </span>
            <span class="check-state">
              <CheckState run={run} item={item} before={previousAt(run.checklist, index)} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

interface NameProps {
  readonly item: ChecklistItem
  readonly record: Partial<RunSelection> | null
  readonly select: ChecklistProps['select']
}

function CheckName({ item, record, select }: NameProps) {
  if (record === null) return <>{item.event}</>
  return (
    <button type="button" class="link" onClick={() => select(record)}>
      {item.event}
    </button>
  )
}

/** Sent, but the user did not get it: the event happened and the tick would lie. */
function isUnheard({ state, delivery }: ChecklistItem, run: RunDetail): boolean {
  if (state !== 'done' || delivery === null) return false
  return LOST.has(delivery) || (run.status === 'undelivered' && !CONFIRMED.has(delivery))
}

function iconOf(item: ChecklistItem, run: RunDetail): IconName {
  return isUnheard(item, run) ? 'undelivered' : STATE_ICONS[item.state]
}

function CheckState({ run, item, before }: { run: RunDetail; item: ChecklistItem; before: string | null }) {
  const { live } = useScreen()
  if (item.at === null) {
    const { deadline } = run.verdict
    if (item.state === 'overdue' && deadline !== null)
      return <>overdue {formatAge(live.tick.value - fromIso(deadline))}</>
    return <>{CHECK_WORDS[item.state]}</>
  }
  const at = fromIso(item.at)
  const when = before === null ? formatTime(at, live.tick.peek()) : `+${formatDuration(at - fromIso(before))}`
  return (
    <>
      <time dateTime={item.at} title={`${formatTime(at, live.tick.peek())} ${zoneName(at)} · ${item.at}`}>
        {when}
      </time>
      {item.delivery && <span> · {DELIVERY_WORDS[item.delivery]}</span>}
    </>
  )
}

function previousAt(checklist: readonly ChecklistItem[], index: number): string | null {
  return checklist.slice(0, index).findLast((item) => item.at !== null)?.at ?? null
}
