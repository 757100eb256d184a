/** Five numbers, each a link to the runs behind it. */
import type { ComponentChildren } from 'preact'
import { OPEN_STATUSES, STANDING_STATUSES } from '../../contract/statuses.ts'
import { fromIso } from '../../contract/units.ts'
import { formatAge, formatCount, formatDuration, formatShare } from '../model/format.ts'
import { paths } from '../paths.ts'
import { useScreen } from './screen.ts'

export function Tiles() {
  const { live } = useScreen()
  const { counts } = live.board.value
  const reasoning = counts?.phases.find((phase) => phase.phase === 'reasoning')?.p95Ms ?? null
  const unconfirmed = (counts?.deliveriesRequired ?? 0) - (counts?.deliveriesConfirmed ?? 0)
  return (
    <ul class="tiles" role="list" aria-label="Now and in the last 15 minutes">
      <Tile
        name="In flight"
        to={paths.runs({ statuses: [...OPEN_STATUSES] })}
        value={counts && formatCount(counts.inFlight)}
      />
      <Tile
        name="Stalled now"
        to={paths.runs({ statuses: [...STANDING_STATUSES] })}
        value={counts && formatCount(counts.stalled)}
        note={counts?.oldestStallAt ? <StallAge since={fromIso(counts.oldestStallAt)} /> : null}
        isHot={(counts?.stalled ?? 0) > 0}
      />
      <Tile
        name="Completed, 15 min"
        to={paths.runs({ statuses: ['completed', 'undelivered', 'failed', 'cancelled'] })}
        value={counts && formatShare(counts.completedRecently, counts.endedRecently)}
        note={counts && (counts.endedRecently === 0 ? 'none ended' : `of ${formatCount(counts.endedRecently)} ended`)}
      />
      <Tile
        name="Delivered & confirmed"
        to={paths.runs({ statuses: ['undelivered'] })}
        value={counts && formatShare(counts.deliveriesConfirmed, counts.deliveriesRequired)}
        note={counts && unconfirmed > 0 ? `${formatCount(unconfirmed)} not confirmed` : null}
      />
      <Tile
        name="Reasoning, p95"
        to={paths.live('reasoning')}
        value={counts && (reasoning === null ? '–' : formatDuration(reasoning))}
        note={counts && reasoning === null ? 'too few steps yet' : null}
      />
    </ul>
  )
}

interface TileProps {
  readonly name: string
  readonly to: string
  /** Null while the first snapshot is on its way. */
  readonly value: string | null
  readonly note?: ComponentChildren
  readonly isHot?: boolean
}

function Tile({ name, to, value, note, isHot }: TileProps) {
  return (
    <li class={`tile ${isHot ? 'is-hot' : ''}`}>
      <a href={to}>
        <span class="tile-name">{name}</span>
        <span class="tile-value">
          {value ?? '\u2007'} <small>{note}</small>
        </span>
      </a>
    </li>
  )
}

/** Ticks by itself; the tile around it stays as it is. */
function StallAge({ since }: { since: number }) {
  const { live } = useScreen()
  return <>oldest {formatAge(live.tick.value - since)}</>
}
