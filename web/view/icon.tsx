/** The icons: one inline sprite, drawn in `currentColor`. Eight statuses and more have a shape each, never only a colour. */
import type { ComponentChildren } from 'preact'
import type { Status } from '../../contract/statuses.ts'
import { LOUD, STATUS_WORDS } from '../model/words.ts'

/** The mark inside a filled shape takes the surface's colour; a chip turns it around. */
const inside = 'var(--icon-inside, var(--surface))'

const SHAPES = {
  running: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="9 3.6" />
      <circle cx="8" cy="8" r="2" fill="currentColor" />
    </>
  ),
  slow: (
    <>
      <path d="M8 1.5 15 14.5H1z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" />
      <path d="M8 6v4M8 11.6v1.4" stroke="currentColor" stroke-width="1.8" />
    </>
  ),
  waiting: (
    <>
      <path d="M3 1.5h10M3 14.5h10" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
      <path
        d="M4.5 2v2.2C4.5 6.4 8 6.8 8 8s-3.5 1.6-3.5 3.8V14M11.5 2v2.2C11.5 6.4 8 6.8 8 8s3.5 1.6 3.5 3.8V14"
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
      />
    </>
  ),
  stalled: (
    <>
      <path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" fill="currentColor" />
      <path d="M6.2 5v6M9.8 5v6" stroke={inside} stroke-width="1.8" />
    </>
  ),
  failed: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor" />
      <path d="m5 5 6 6m0-6-6 6" stroke={inside} stroke-width="2" />
    </>
  ),
  completed: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="m4.6 8.2 2.4 2.4 4.4-5" fill="none" stroke={inside} stroke-width="2" />
    </>
  ),
  undelivered: (
    <>
      <circle cx="7" cy="7.5" r="5.6" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="m4.6 7.7 1.8 1.8 3-3.6" fill="none" stroke="currentColor" stroke-width="1.8" />
      <path d="m11 11 4 4m0-4-4 4" stroke="currentColor" stroke-width="2" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="M4 12 12 4" stroke="currentColor" stroke-width="2" />
    </>
  ),
  lost: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2 2.08" />
      <path
        d="M6 6.3a2 2 0 1 1 2.6 2c-.5.2-.6.5-.6 1.1M8 11v1.6"
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
      />
    </>
  ),
  pending: <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6" />,
  optional: (
    <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="1.5 2.27" />
  ),
  copy: (
    <>
      <rect x="5" y="5" width="9.5" height="9.5" rx="1.5" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path
        d="M11 5V2.8A1.3 1.3 0 0 0 9.7 1.5H2.8A1.3 1.3 0 0 0 1.5 2.8v6.9A1.3 1.3 0 0 0 2.8 11H5"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
      />
    </>
  ),
  search: (
    <>
      <circle cx="6.5" cy="6.5" r="4.8" fill="none" stroke="currentColor" stroke-width="1.8" />
      <path d="m10 10 4.6 4.6" stroke="currentColor" stroke-width="2" />
    </>
  ),
  tick: <path d="m2.5 8.5 3.7 3.7 7.3-8" fill="none" stroke="currentColor" stroke-width="2" />,
  chevron: <path d="m5.5 3 5 5-5 5" fill="none" stroke="currentColor" stroke-width="1.8" />,
  back: <path d="m10.5 3-5 5 5 5" fill="none" stroke="currentColor" stroke-width="1.8" />,
  up: <path d="M8 14V3M3.5 7.5 8 3l4.5 4.5" fill="none" stroke="currentColor" stroke-width="1.8" />,
  plus: <path d="M8 3v10M3 8h10" stroke="currentColor" stroke-width="1.8" />,
  minus: <path d="M3 8h10" stroke="currentColor" stroke-width="1.8" />,
  pause: <path d="M5.5 3v10M10.5 3v10" stroke="currentColor" stroke-width="2.2" />,
  play: <path d="M4.5 2.5v11l9-5.5z" fill="currentColor" />,
  close: <path d="m3.5 3.5 9 9m0-9-9 9" stroke="currentColor" stroke-width="1.8" />,
  editor: <path d="m5.5 4-4 4 4 4M10.5 4l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.6" />,
  system: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  light: (
    <>
      <circle cx="8" cy="8" r="3" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path
        d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13"
        stroke="currentColor"
        stroke-width="1.6"
      />
    </>
  ),
  dark: (
    <path
      d="M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linejoin="round"
    />
  ),
} as const satisfies Record<Status, ComponentChildren> & Record<string, ComponentChildren>

export type IconName = keyof typeof SHAPES

/** Rendered once, at the top of the page. */
export function IconSprite() {
  return (
    <svg class="sprite" width="0" height="0" aria-hidden="true">
      {Object.entries(SHAPES).map(([name, shape]) => (
        <symbol key={name} id={`i-${name}`} viewBox="0 0 16 16">
          {shape}
        </symbol>
      ))}
    </svg>
  )
}

/** Decoration beside a word; the word carries the meaning. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  )
}

/** A status by shape, word and colour. The loud ones are filled chips. */
export function StatusMark({ status }: { status: Status }) {
  return (
    <span class={`status is-${status} ${LOUD.has(status) ? 'is-loud' : ''}`}>
      <Icon name={status} />
      {STATUS_WORDS[status].short}
    </span>
  )
}
