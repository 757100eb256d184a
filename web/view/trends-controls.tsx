/** What trends are drawn of: the time, the split, and what runs are narrowed to. All of it is the address. */
import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { TREND_SPLITS, type Trends } from '../../contract/trends.ts'
import { formatTime } from '../model/format.ts'
import { paths, TRENDS_TO, type TrendsView } from '../paths.ts'
import { useScreen } from './screen.ts'

const RANGES = [
  ['now-1h', '1 h'],
  ['now-6h', '6 h'],
  ['now-24h', '24 h'],
  ['now-7d', '7 d'],
  ['now-30d', '30 d'],
] as const

export function TrendsControls({ view, values }: { view: TrendsView; values: Trends['values'] | null }) {
  const { route } = useLocation()
  const { live } = useScreen()
  const form = useRef<HTMLFormElement>(null)
  const go = (change: Partial<TrendsView>) => route(paths.trends({ ...view, ...change }))
  const submit = (event: Event) => {
    event.preventDefault()
    if (!form.current) return
    const entries = new FormData(form.current)
    const text = (name: string) => String(entries.get(name) ?? '').trim()
    go({ from: text('from') || view.from, to: text('to') || TRENDS_TO })
  }
  const isPast = view.to !== TRENDS_TO
  // On a phone the figures come first; what is set is always in sight.
  const { agent, version, environment, split } = view
  const isFolded = useSignal(split === null && [agent, version, environment].every((value) => value === ''))
  return (
    <form class="filters trends-controls" ref={form} onSubmit={submit} aria-label="Trends">
      <div class="fields">
        <div class="chips" role="group" aria-label="Time">
          {RANGES.map(([from, name]) => (
            <a
              key={from}
              class="chip"
              href={paths.trends({ ...view, from, to: TRENDS_TO })}
              aria-current={!isPast && view.from === from ? 'true' : undefined}
            >
              {name}
            </a>
          ))}
          <button
            type="button"
            class="chip narrow-only"
            aria-expanded={!isFolded.value}
            onClick={() => (isFolded.value = !isFolded.value)}
          >
            Filters
          </button>
        </div>
      </div>
      <div class={`fields ${isFolded.value ? 'is-folded' : ''}`}>
        <TimeField name="from" label="From" value={view.from} />
        <TimeField name="to" label="To" value={view.to} />
        <button type="submit" class="button">
          Apply
        </button>
        <span class="field-gap" />
        <Choice
          label="Split by"
          none="nothing"
          value={view.split ?? ''}
          options={TREND_SPLITS}
          choose={(split) => go({ split: TREND_SPLITS.find((each) => each === split) ?? null })}
        />
        {TREND_SPLITS.map((field) => (
          <Choice
            key={field}
            label={field[0]?.toUpperCase() + field.slice(1)}
            none="all"
            value={view[field]}
            options={values?.[field] ?? []}
            choose={(value) => go({ [field]: value })}
          />
        ))}
      </div>
      {isPast && (
        <p class="past">
          Showing a past range, {sayRange(view, live.now())}.{' '}
          <a href={paths.trends({ ...view, from: 'now-24h', to: TRENDS_TO })}>Back to now</a>
        </p>
      )}
    </form>
  )
}

function TimeField({ name, label, value }: { name: 'from' | 'to'; label: string; value: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      {/* Another address is another value: the key makes a fresh input of it. */}
      <input
        key={value}
        type="text"
        name={name}
        defaultValue={value}
        title="now, now-6h, now-7d or 2026-11-22T14:00:00Z"
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  )
}

interface ChoiceProps {
  readonly label: string
  /** What '' is called. */
  readonly none: string
  readonly value: string
  readonly options: readonly string[]
  readonly choose: (value: string) => void
}

function Choice({ label, none, value, options, choose }: ChoiceProps) {
  // What the address says is there, also when no run of this time has it.
  const all = value === '' || options.includes(value) ? options : [value, ...options]
  return (
    <label class="field choice-field">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{none}</option>
        {all.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}

function sayRange({ from, to }: TrendsView, now: number): string {
  const say = (time: string): string => {
    const at = Date.parse(time)
    return Number.isNaN(at) ? time : formatTime(at, now).replace(/:\d\d\.\d{3}$/, '')
  }
  return `${say(from)} to ${say(to)}`
}
