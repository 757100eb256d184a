/** A day of stalls as bars, with a tick at each deploy. No axis: the words say what it shows. */
import type { Deploy } from '../../contract/deploys.ts'
import { INCIDENT_TREND_BUCKETS } from '../../contract/stalls.ts'
import { fromIso } from '../../contract/units.ts'
import { drawTrend } from '../model/incidents.ts'

const WIDTH = 480

interface SparkProps {
  readonly trend: readonly number[]
  readonly trendFrom: string
  readonly deploys: readonly Deploy[]
  readonly height: number
}

export function Spark({ trend, trendFrom, deploys, height }: SparkProps) {
  const { bars, deploys: ticks, says } = drawTrend(trend, fromIso(trendFrom), deploys)
  const step = WIDTH / INCIDENT_TREND_BUCKETS
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label={says}>
      <title>{says}</title>
      <path class="spark-base" d={`M0 ${height - 0.5}H${WIDTH}`} />
      {ticks.map(({ at, version }) => (
        <path key={`${version} ${at}`} class="spark-deploy" d={`M${at * WIDTH} 0V${height}`} />
      ))}
      {bars.map(({ x, height: share }) => (
        <rect key={x} x={x * WIDTH + 1} y={height - share * height} width={step - 2} height={share * height} />
      ))}
    </svg>
  )
}
