/** One figure: what it asks, the answer in a sentence, the chart or its table, and what each line is. */
import { useSignal, useSignalEffect, type Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { toIso, type Instant } from '../../contract/units.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import { formatCount, formatMinute } from '../model/format.ts'
import type { Figure, Line } from '../model/trends.ts'
import { zone } from '../model/zone.ts'
import { paths, PERCENTILES, type TrendsView } from '../paths.ts'
import { openChart, type ChartPicture, type OpenChart } from './chart.ts'
import { CopyButton, copyRef, pin } from './copy.tsx'
import { Icon } from './icon.tsx'
import { useScreen } from './screen.ts'

interface FigureCardProps {
  readonly picture: ChartPicture
  readonly view: TrendsView
  readonly cursor: Signal<number | null>
  readonly drag: Signal<readonly [Instant, Instant] | null>
  readonly choose: (from: Instant, to: Instant) => void
  /** The runs of a bucket. */
  readonly open: (bucket: number) => void
  readonly linkOf: (only: Line['only']) => string
}

export function FigureCard(props: FigureCardProps) {
  const { picture, view, cursor, linkOf } = props
  const { figure } = picture
  const { live } = useScreen()
  const isTable = useSignal(false)
  const title = `figure-${figure.id}`
  const { from, to } = picture
  const link = () => location.origin + paths.trends({ ...view, from: toIso(from), to: toIso(to) })
  const thing = (): CopyThing => ({
    what: `figure ${figure.title}`,
    load: async () => [
      { kind: 'link', name: 'Link', text: link },
      { kind: 'text', name: 'Table', text: () => asText(picture) },
    ],
    draft: async () => (await import('../model/evidence-drafts.ts')).draftOfFigure(picture, link()),
  })
  return (
    <figure class="card figure" aria-labelledby={title} ref={copyRef(thing)}>
      <header>
        <h2 id={title}>{figure.title}</h2>
        <span class="grow" />
        {figure.id === 'times' && <Percentiles view={view} />}
        <button
          type="button"
          class="button"
          aria-pressed={isTable.value}
          onClick={() => (isTable.value = !isTable.value)}
        >
          Table
        </button>
        <CopyButton text={asText(picture)} what="table" />
        <button
          type="button"
          class="copy"
          aria-label="Add to an investigation"
          title="Add to an investigation"
          onClick={() => pin(thing())}
        >
          <Icon name="plus" />
        </button>
      </header>
      <figcaption>
        {figure.sentence}
        {figure.bottom > 0 && <span class="hint"> The axis begins at {figure.format(figure.bottom)}.</span>}
      </figcaption>
      {isTable.value ? <FigureTable picture={picture} now={live.now()} /> : <Plot {...props} />}
      <Legend figure={figure} cursor={cursor} linkOf={linkOf} />
    </figure>
  )
}

/** A drag shorter than this was a click. */
const CLICK_PX = 4

function Plot({ picture, cursor, drag, choose, open }: FigureCardProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const chart = useRef<OpenChart | null>(null)
  const begunAt = useRef<number | null>(null)
  const { figure, buckets, bucketMs, from, to } = picture
  useEffect(() => {
    if (canvas.current === null) return
    chart.current = openChart(canvas.current, picture)
    return () => {
      chart.current?.close()
      chart.current = null
    }
  }, [])
  const isDrawn = useRef(false)
  useEffect(() => {
    if (isDrawn.current) chart.current?.draw(picture)
    isDrawn.current = true
  }, [figure, from, to, picture.isOpenEnded, zone.value])
  useSignalEffect(() => {
    const bucket = cursor.value
    const at = bucket === null ? null : (buckets[bucket] ?? from) + bucketMs / 2
    chart.current?.point({ cursor: at, drag: drag.value })
  })
  const bucketAt = (time: Instant): number =>
    Math.min(buckets.length - 1, Math.max(0, Math.floor((time - from) / bucketMs)))
  const timeUnder = (event: PointerEvent): Instant => chart.current?.timeAt(event.offsetX) ?? from
  const finish = (event: PointerEvent) => {
    const begun = begunAt.current
    const range = drag.value
    begunAt.current = null
    drag.value = null
    if (begun === null) return
    if (Math.abs(event.offsetX - begun) < CLICK_PX) return open(bucketAt(timeUnder(event)))
    if (range !== null && bucketAt(range[0]) !== bucketAt(range[1])) choose(range[0], range[1])
  }
  return (
    <div class="plot">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${figure.title} ${figure.sentence}`}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          begunAt.current = event.offsetX
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={(event) => {
          const time = timeUnder(event)
          cursor.value = bucketAt(time)
          const begun = begunAt.current
          if (begun !== null && Math.abs(event.offsetX - begun) >= CLICK_PX)
            drag.value = [chart.current?.timeAt(begun) ?? from, time]
        }}
        onPointerUp={finish}
        onPointerCancel={() => {
          begunAt.current = null
          drag.value = null
        }}
        onPointerLeave={() => begunAt.current === null && (cursor.value = null)}
      />
    </div>
  )
}

function Percentiles({ view }: { view: TrendsView }) {
  const { route } = useLocation()
  return (
    <span class="segments" role="group" aria-label="Percentile">
      {PERCENTILES.map((percentile) => (
        <button
          key={percentile}
          type="button"
          class="button"
          aria-pressed={view.percentile === percentile}
          onClick={() => route(paths.trends({ ...view, percentile }), true)}
        >
          {percentile}
        </button>
      ))}
    </span>
  )
}

interface LegendProps {
  readonly figure: Figure
  readonly cursor: Signal<number | null>
  readonly linkOf: (only: Line['only']) => string
}

/** What the lines are, with their values at the moment that is pointed at, or of the whole time. */
function Legend({ figure, cursor, linkOf }: LegendProps) {
  const bucket = cursor.value
  if (figure.lines.length === 0) return null
  return (
    <ul class="legend" role="list">
      {figure.lines.map((line, index) => (
        <li key={line.name}>
          <svg class={`swatch series-${index + 1}`} viewBox="0 0 20 8" aria-hidden="true">
            {figure.kind === 'bars' ? <rect x="5" y="0" width="9" height="8" /> : <path d="M0 4h20" />}
          </svg>
          {line.isBefore ? line.name : <a href={linkOf(line.only)}>{line.name}</a>}{' '}
          <b>{bucket === null ? line.whole : valueAt(figure, line, bucket)}</b>
        </li>
      ))}
    </ul>
  )
}

function valueAt(figure: Figure, line: Line, bucket: number): string {
  const value = line.values[bucket] ?? null
  return value === null ? '–' : figure.format(value)
}

function FigureTable({ picture, now }: { picture: ChartPicture; now: Instant }) {
  const { figure, buckets } = picture
  return (
    // The table scrolls by itself, also by keyboard.
    <div class="figure-table" tabIndex={0} role="region" aria-label={`${figure.title} As a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {figure.lines.map(({ name }) => (
              <th scope="col" key={name} class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((at, bucket) => (
            <tr key={at}>
              <th scope="row">{formatMinute(at, now)}</th>
              {figure.lines.map((line) => (
                <td key={line.name} class="number" title={`of ${formatCount(line.samples[bucket] ?? 0)}`}>
                  {valueAt(figure, line, bucket)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Tab-separated, times in UTC: pastes into a sheet. */
function asText({ figure, buckets }: ChartPicture): string {
  const head = ['from (UTC)', ...figure.lines.map(({ name }) => name)].join('\t')
  const rows = buckets.map((at, bucket) =>
    [toIso(at), ...figure.lines.map(({ values }) => values[bucket] ?? '')].join('\t'),
  )
  return [`${figure.title} ${figure.sentence}`, head, ...rows].join('\n')
}
