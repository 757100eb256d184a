/** Three rows of ticks under the waterfall: emitted, written, confirmed; a lost message is a cross. */
import { useSignal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { DeliveryView, GapView } from '../../contract/runs.ts'
import type { Instant } from '../../contract/units.ts'
import { formatCount } from '../model/format.ts'
import { laneMessages, laneTicks, messageAt, summariseLane, type LaneMessage, type LaneTick } from '../model/lane.ts'
import { toMillis, toPixels, type TimeWindow } from '../model/layout.ts'
import { GAP_LEGEND_ID, GapBands } from './gap-parts.ts'
import { useScreen } from './screen.ts'
import { CursorLine, type TimeCursor } from './time-cursor.tsx'

interface LaneProps {
  readonly deliveries: readonly DeliveryView[]
  readonly gaps: readonly GapView[]
  readonly origin: Instant
  readonly window: ReadonlySignal<TimeWindow>
  readonly cursor: TimeCursor
  /** Seq of the selected message. */
  readonly selected: number | null
  readonly select: (seq: number) => void
}

const ROW_PX = 22
const TICK_PX = 10
const ROWS = ['emitted', 'written', 'confirmed'] as const

export function DeliveryLane({ deliveries, gaps, origin, window, cursor, selected, select }: LaneProps) {
  const { theme } = useScreen()
  const messages = useMemo(() => laneMessages(deliveries, origin), [deliveries, origin])
  const summary = useMemo(() => summariseLane(messages), [messages])
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useSignal({ width: 0 })
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const observer = new ResizeObserver(() => (box.value = { width: element.clientWidth }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [messages.length === 0])
  useEffect(() => {
    if (!canvas.current || box.value.width === 0) return
    const message = messages.find(({ seq }) => seq === selected)
    const mark = message ? toPixels(message.emittedAt, window.value, box.value.width) : null
    paint(canvas.current, laneTicks(messages, window.value, box.value.width), box.value.width, mark)
  }, [messages, selected, window.value, box.value.width, theme.choice.value])

  if (messages.length === 0) return <p class="lane-empty hint">No deliveries recorded for this run.</p>
  const words = describe(summary)
  return (
    <section class="lane" aria-label="Deliveries">
      <div class="lane-names">
        {ROWS.map((row) => (
          <span key={row}>
            {row} <b>{formatCount(summary[row])}</b>
          </span>
        ))}
      </div>
      <div class="lane-plot">
        {gaps.length > 0 && <GapBands gaps={gaps} origin={origin} window={window} box={box} />}
        <canvas
          ref={canvas}
          class="lane-canvas"
          role="img"
          aria-label={words}
          aria-describedby={gaps.length > 0 ? GAP_LEGEND_ID : undefined}
          onPointerMove={(event) => cursor.point(toMillis(event.offsetX, window.peek(), box.peek().width))}
          onPointerLeave={() => cursor.point(null)}
          onClick={(event) => {
            const message = messageAt(
              messages,
              Math.floor(event.offsetY / ROW_PX),
              event.offsetX,
              window.peek(),
              box.peek().width,
            )
            if (message) select(message.seq)
          }}
        />
        <CursorLine cursor={cursor} window={window} box={box} />
      </div>
      {summary.lost.length > 0 && (
        <ul class="lane-lost" role="list" aria-label="Lost messages">
          {summary.lost.slice(0, 20).map((message) => (
            <li key={message.seq}>
              <button type="button" class="link" onClick={() => select(message.seq)}>
                {message.seq} {message.event}
              </button>{' '}
              <span class="hint">lost{message.reason ? `: ${message.reason}` : ''}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function describe({ emitted, written, confirmed, lost }: ReturnType<typeof summariseLane>): string {
  const seqs = lost.map((message: LaneMessage) => message.seq).join(', ')
  return `${emitted} messages emitted, ${written} written, ${confirmed} confirmed, ${lost.length} lost${seqs && `: ${seqs}`}`
}

/** A canvas cannot read custom properties, so the colours travel as ordinary ones: see `.lane-canvas`. */
function paint(canvas: HTMLCanvasElement, rows: readonly LaneTick[][], width: number, mark: number | null): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const scale = devicePixelRatio
  const height = ROWS.length * ROW_PX
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  context.scale(scale, scale)
  const style = getComputedStyle(canvas)
  const [ink, good, bad, chosen] = [style.color, style.caretColor, style.outlineColor, style.columnRuleColor]
  if (mark !== null) {
    context.fillStyle = chosen
    context.fillRect(Math.round(mark) - 1, 0, 2, height)
  }
  for (const [index, ticks] of rows.entries()) {
    const top = index * ROW_PX + (ROW_PX - TICK_PX) / 2
    for (const tick of ticks) {
      if (tick.x < -4 || tick.x > width + 4) continue
      const x = Math.round(tick.x)
      if (tick.kind === 'lost') cross(context, x, top, bad)
      else if (tick.kind === 'pending') {
        context.strokeStyle = ink
        context.lineWidth = 1
        context.strokeRect(x - 1.5, top + 0.5, 3, TICK_PX - 1)
      } else {
        context.fillStyle = index === 2 ? good : ink
        context.fillRect(x, top, tick.count > 1 ? 2 : 1.5, TICK_PX)
      }
    }
  }
}

function cross(context: CanvasRenderingContext2D, x: number, top: number, colour: string): void {
  context.strokeStyle = colour
  context.lineWidth = 2
  context.beginPath()
  context.moveTo(x - 4, top + 1)
  context.lineTo(x + 4, top + TICK_PX - 1)
  context.moveTo(x + 4, top + 1)
  context.lineTo(x - 4, top + TICK_PX - 1)
  context.stroke()
}
