import type { RunDetail } from '../../contract/runs.ts'
import { formatCount, formatLength } from '../model/format.ts'

/** The same thing many times is told once; what is there but once says nothing. */
export function LeftOutLine({ run }: { run: RunDetail }) {
  const many = run.leftOut.filter(({ count: times }) => times > 1).slice(0, 3)
  if (many.length === 0) return null
  const says = many.map(({ name, count: times, p95Ms }) =>
    [`${name} ×${formatCount(times)}`, p95Ms !== null && `p95 ${formatLength(p95Ms)}`].filter(Boolean).join(', '),
  )
  return <p class="left-out hint">Left out: {says.join(' · ')}</p>
}
