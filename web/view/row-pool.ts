/**
 * The waterfall's rows: a fixed pool of absolutely placed elements, re-pointed as the list scrolls.
 *
 * A row is touched only when it shows another span, when the window moved, or when its bar grows; bars and labels move
 * by `transform`, so nothing is laid out again. Measured: 5 000 spans, 2 ms of CPU a frame while growing (ux/SPEC §3.2).
 */
import type { Millis } from '../../contract/units.ts'
import { placeBar, type TimeWindow } from '../model/layout.ts'
import { barLabel, isGrowing, speakRow, type Timeline, type TimelineRow } from '../model/timeline.ts'

/** All that decides what the rows look like. */
export interface Scene {
  readonly timeline: Timeline
  /** Indices into `timeline.rows`, after folding. */
  readonly visible: readonly number[]
  readonly folded: ReadonlySet<string>
  readonly selected: string | null
  readonly window: TimeWindow
  /** Width of the track the bars are in, px. */
  readonly width: number
  readonly rowHeight: number
}

export interface RowPool {
  /** Show `scene`; cheap when neither it nor the scroll position changed and nothing grows. */
  draw(scene: Scene, now: Millis): void
  dispose(): void
}

/** Rows kept ready above and below what is seen. */
const SPARE = 3
/** Bars are this wide and scaled: a scale needs no layout. */
const BAR_PX = 1000

interface Slot {
  readonly row: HTMLElement
  readonly name: HTMLElement
  readonly label: Text
  readonly labelBox: HTMLElement
  readonly title: Text
  readonly bar: HTMLElement
  readonly hatch: HTMLElement
  readonly limit: HTMLElement
  /** Which visible row it shows; -1 when spare. */
  at: number
}

export const rowElementId = (id: string): string => `row-${id}`

export function openRowPool(scroller: HTMLElement, list: HTMLElement): RowPool {
  let slots: Slot[] = []
  let shown: Scene | null = null
  let scrolledTo = -1

  return {
    draw(scene, now) {
      const size = Math.ceil(scroller.clientHeight / scene.rowHeight) + 2 * SPARE
      const isNew = scene !== shown || slots.length !== size
      const saysMore = slots.length !== size || shown === null || !saysSame(scene, shown)
      if (slots.length !== size) slots = fill(list, slots, size)
      const scrollTop = scroller.scrollTop
      if (!isNew && scrollTop === scrolledTo && !scene.timeline.isGrowing) return
      if (scene.visible.length !== shown?.visible.length || scene.rowHeight !== shown.rowHeight)
        list.style.height = `${scene.visible.length * scene.rowHeight}px`
      shown = scene
      scrolledTo = scrollTop
      const last = Math.max(0, scene.visible.length - size)
      const first = Math.min(last, Math.max(0, Math.floor(scrollTop / scene.rowHeight) - SPARE))
      for (const [index, slot] of slots.entries()) {
        // The same slot keeps the same row while that row stays in reach.
        const at = first + ((((index - first) % size) + size) % size)
        const row = scene.timeline.rows[scene.visible[at] ?? -1]
        if (row === undefined) {
          slot.row.hidden = true
          slot.at = -1
          continue
        }
        const isOther = slot.at !== at
        slot.at = at
        if (saysMore || isOther) describe(slot, row, at, scene, now)
        else if (!isNew && !isGrowing(row)) continue
        place(slot, row, scene, now)
      }
    },
    dispose: () => list.replaceChildren(),
  }
}

/** True when the rows say the same in both: only where things are has changed. */
function saysSame(a: Scene, b: Scene): boolean {
  return a.visible === b.visible && a.folded === b.folded && a.selected === b.selected && a.rowHeight === b.rowHeight
}

/** What a row says. */
function describe(slot: Slot, row: TimelineRow, at: number, scene: Scene, now: Millis): void {
  const { row: element } = slot
  element.hidden = false
  element.id = rowElementId(row.id)
  element.dataset['at'] = String(at)
  element.className = `wf-row is-${row.tone} ${row.end === null ? 'is-open' : ''} ${row.span === null ? 'is-missing' : ''}`
  element.style.transform = `translateY(${at * scene.rowHeight}px)`
  element.setAttribute('aria-rowindex', String(at + 1))
  element.setAttribute('aria-level', String(row.depth + 1))
  element.setAttribute('aria-selected', String(row.id === scene.selected))
  element.setAttribute('aria-label', speakRow(row, now))
  if (row.hasChildren) element.setAttribute('aria-expanded', String(!scene.folded.has(row.id)))
  else element.removeAttribute('aria-expanded')
  slot.name.style.setProperty('--depth', String(Math.min(row.depth, 12)))
  slot.title.data = row.span?.name ?? `parent ${row.id.slice(0, 4)}… not received`
}

/** Where its bar and label are. */
function place(slot: Slot, row: TimelineRow, scene: Scene, now: Millis): void {
  const label = barLabel(row, now)
  const box = placeBar(row, scene.window, scene.width, now, label)
  slot.bar.style.transform = `translateX(${box.x}px) scaleX(${box.solidWidth / BAR_PX})`
  const isHatched = box.width > box.solidWidth
  slot.hatch.hidden = !isHatched
  // Clipped, not scaled: stripes must keep their slope.
  if (isHatched) {
    const right = scene.width - (box.x + box.width)
    slot.hatch.style.clipPath = `inset(0 ${right}px 0 ${box.x + box.solidWidth}px)`
  }
  slot.limit.hidden = box.limitX === null
  if (box.limitX !== null) slot.limit.style.transform = `translateX(${box.limitX}px)`
  if (slot.label.data !== label) slot.label.data = label
  slot.labelBox.style.transform = `translateX(${box.labelX}px)${box.label === 'after' ? '' : ' translateX(-100%)'}`
  slot.labelBox.classList.toggle('is-inside', box.label === 'inside')
}

function fill(list: HTMLElement, slots: Slot[], size: number): Slot[] {
  const kept = slots.slice(0, size)
  for (const slot of slots.slice(size)) slot.row.remove()
  while (kept.length < size) kept.push(makeSlot(list))
  for (const slot of kept) slot.at = -1
  return kept
}

function makeSlot(list: HTMLElement): Slot {
  const row = element('div', 'wf-row')
  row.setAttribute('role', 'row')
  const name = element('div', 'wf-name')
  const track = element('div', 'wf-track')
  name.setAttribute('role', 'gridcell')
  track.setAttribute('role', 'gridcell')
  const title = document.createTextNode('')
  const label = document.createTextNode('')
  const bar = element('div', 'wf-bar')
  const hatch = element('div', 'wf-hatch')
  const limit = element('div', 'wf-limit')
  limit.title = 'the limit passes here'
  const labelBox = element('div', 'wf-label')
  const titleBox = element('span', 'wf-title')
  labelBox.append(label)
  titleBox.append(title)
  name.append(twisty(), titleBox)
  track.append(hatch, bar, limit, labelBox)
  row.append(name, track)
  list.append(row)
  return { row, name, label, labelBox, title, bar, hatch, limit, at: -1 }
}

/** The pointer's way to fold; the keyboard's is ← and →. */
function twisty(): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'icon wf-twisty')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', '#i-chevron')
  svg.append(use)
  return svg
}

function element(tag: 'div' | 'span', className: string): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  return made
}
