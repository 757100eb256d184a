/** Runs in flight by phase over the last hour, with its deploys. */
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { InFlightHistory } from '../../contract/live.ts'
import type { Deploy } from '../../contract/deploys.ts'
import { hours, type Instant } from '../../contract/units.ts'
import { drawFlight } from '../model/flight.ts'
import { markDeploys } from '../model/trends.ts'
import { zone } from '../model/zone.ts'
import { openChart, type ChartPicture, type OpenChart } from './chart.ts'

interface FlightChartProps {
  readonly history: InFlightHistory
  readonly deploys: readonly Deploy[]
  readonly now: Instant
}

export function FlightChart({ history, deploys, now }: FlightChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const chart = useRef<OpenChart | null>(null)
  const picture = useMemo((): ChartPicture => {
    const { figure, at } = drawFlight(history)
    const from = now - hours(1)
    return {
      figure,
      from,
      to: now,
      buckets: at,
      bucketMs: 0,
      isOpenEnded: false,
      deploys: markDeploys(deploys, from, now),
    }
  }, [history, deploys])
  useEffect(() => {
    if (canvas.current === null) return
    chart.current ??= openChart(canvas.current, picture)
    chart.current.draw(picture)
  }, [picture, zone.value])
  useEffect(() => () => chart.current?.close(), [])
  const { title, sentence } = picture.figure
  return (
    <figure class="card figure flight">
      <header>
        <h2>{title}</h2>
      </header>
      <div class="plot">
        <canvas ref={canvas} role="img" aria-label={`${title}: ${sentence}`} />
      </div>
      <figcaption class="sr">{sentence}</figcaption>
    </figure>
  )
}
