/** What trends are drawn of: the time, the split, and what runs are narrowed to. All of it is the address. */
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso/router'
import { TREND_SPLITS, type Trends } from '../../contract/trends.ts'
import { capitalise, formatMinute } from '../model/format.ts'
import { paths, TRENDS_TO, type TrendsView } from '../paths.ts'
import { ChoiceField, FilterForm, FoldChip, TextField } from './filter-form.tsx'
import { useScreen } from './screen.ts'

const RANGES = [
  ['now-1h', '1 h'],
  ['now-6h', '6 h'],
  ['now-24h', '24 h'],
  ['now-7d', '7 d'],
  ['now-30d', '30 d'],
] as const

const BEFORE = 'time before'
const TIME_FORMS = 'now, now-6h, now-7d or 2026-11-22T14:00:00Z'

export function TrendsControls({ view, values }: { view: TrendsView; values: Trends['values'] | null }) {
  const { route } = useLocation()
  const { live } = useScreen()
  const go = (change: Partial<TrendsView>) => route(paths.trends({ ...view, ...change }))
  const apply = (text: (name: string) => string) => go({ from: text('from') || view.from, to: text('to') || TRENDS_TO })
  const isPast = view.to !== TRENDS_TO
  // Filters that are set are always in sight.
  const { agent, version, environment, split, isCompared } = view
  const isFolded = useSignal(
    split === null && !isCompared && [agent, version, environment].every((value) => value === ''),
  )
  return (
    <FilterForm label="Trends" apply={apply}>
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
          <FoldChip isFolded={isFolded} />
        </div>
      </div>
      <div class={`fields ${isFolded.value ? 'is-folded' : ''}`}>
        <TextField name="from" label="From" value={view.from} title={TIME_FORMS} />
        <TextField name="to" label="To" value={view.to} title={TIME_FORMS} />
        <button type="submit" class="button">
          Apply
        </button>
        <span class="field-gap" />
        <ChoiceField
          label="Split by"
          none="nothing"
          value={view.split ?? ''}
          options={TREND_SPLITS}
          choose={(split) => go({ split: TREND_SPLITS.find((each) => each === split) ?? null })}
        />
        <ChoiceField
          label="Compare with"
          none="nothing"
          value={view.isCompared ? BEFORE : ''}
          options={[BEFORE]}
          choose={(chosen) => go({ isCompared: chosen === BEFORE })}
        />
        {TREND_SPLITS.map((field) => (
          <ChoiceField
            key={field}
            label={capitalise(field)}
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
    </FilterForm>
  )
}

function sayRange({ from, to }: TrendsView, now: number): string {
  const say = (time: string): string => {
    const at = Date.parse(time)
    return Number.isNaN(at) ? time : formatMinute(at, now)
  }
  return `${say(from)} to ${say(to)}`
}
