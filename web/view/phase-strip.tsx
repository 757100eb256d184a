/** Runs in flight by phase, left to right as a run goes. Each box filters the lists below; pressing it again does not. */
import { useLocation } from 'preact-iso/router'
import { FLIGHT_PHASES, type Phase } from '../../contract/phases.ts'
import { formatCount, formatDuration } from '../model/format.ts'
import { paths } from '../paths.ts'
import { Icon } from './icon.tsx'
import { useScreen } from './screen.ts'

export function PhaseStrip({ phase }: { phase: Phase | null }) {
  const { live } = useScreen()
  const { route } = useLocation()
  const { counts } = live.board.value
  const byPhase = new Map(counts?.phases.map((entry) => [entry.phase, entry]))
  return (
    <div class="strip" role="group" aria-label="Runs in flight by phase; press one to filter">
      {FLIGHT_PHASES.map((name) => {
        const entry = byPhase.get(name)
        const p95 = entry?.p95Ms ?? null
        return (
          <button
            key={name}
            type="button"
            aria-pressed={phase === name}
            onClick={() => route(paths.live(phase === name ? null : name))}
          >
            <span class="strip-name">{name}</span>
            <b>{counts ? formatCount(entry?.inFlight ?? 0) : '\u2007'}</b>
            {entry && entry.stalled > 0 ? (
              <span class="strip-stalled is-stalled">
                <Icon name="stalled" />
                {formatCount(entry.stalled)} stalled
              </span>
            ) : (
              <span class="strip-note">p95 {p95 === null ? '–' : formatDuration(p95)}</span>
            )}
          </button>
        )
      })}
      <a href={paths.runs({ statuses: ['completed'] })}>
        <span class="strip-name">completed</span>
        <b>{counts ? formatCount(counts.completedRecently) : '\u2007'}</b>
        <span class="strip-note">in 15 min</span>
      </a>
    </div>
  )
}
