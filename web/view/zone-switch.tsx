import { zoneName } from '../model/format.ts'
import { useScreen } from './screen.ts'

/** The zone of every time on the page; pressing it changes to UTC and back. */
export function ZoneSwitch() {
  const { zone, live } = useScreen()
  const isUtc = zone.choice.value === 'utc'
  const name = zoneName(live.now())
  const other = isUtc ? 'your own zone' : 'UTC'
  return (
    <button
      type="button"
      class="button zone"
      aria-label={`Times in ${name}. Change to ${other}`}
      title={`Times in ${name}`}
      onClick={() => zone.choose(isUtc ? 'local' : 'utc')}
    >
      {name}
    </button>
  )
}
