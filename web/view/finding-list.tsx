/** Findings as lines above the runs; the runs a finding explains are folded under it. */
import { useComputed, type ReadonlySignal } from '@preact/signals'
import type { Finding } from '../../contract/findings.ts'
import { fromIso } from '../../contract/units.ts'
import { rowsUnder, writeCircumstances, writeLine } from '../model/finding-lines.ts'
import { formatAge, formatCount } from '../model/format.ts'
import { paths } from '../paths.ts'
import { Icon } from './icon.tsx'
import { RunTable } from './run-table.tsx'
import { useScreen } from './screen.ts'

/** More rows than anyone reads under one cause. */
const UNDER_MAX = 50

export function FindingList({ findings }: { findings: ReadonlySignal<readonly Finding[]> }) {
  return (
    <>
      {findings.value.map((each) => (
        <FindingLine key={each.id} finding={each} />
      ))}
    </>
  )
}

function FindingLine({ finding }: { finding: Finding }) {
  const { live } = useScreen()
  const { id, state, since } = finding
  const rows = useComputed(() => rowsUnder(live.board.value.runs.values(), finding).map((row) => row.id))
  const shown = useComputed(() => rows.value.slice(0, UNDER_MAX))
  const isOpen = state === 'open'
  const isSilent = finding.kind === 'source-silent'
  const total = isSilent ? finding.openRuns : rows.value.length
  return (
    <details class={`finding ${isOpen ? 'is-lost' : 'is-completed'}`} data-finding={id}>
      <summary>
        <Icon name={isOpen ? 'lost' : 'completed'} />
        <span class="finding-text">{writeLine(finding, live.tick.value)}</span>
        {isOpen && <span class="number finding-age">{formatAge(live.tick.value - fromIso(since))}</span>}
      </summary>
      {!isSilent && <p class="more">{writeCircumstances(finding)}</p>}
      <RunTable
        ids={shown}
        empty={<p class="empty">{isSilent ? 'None of its runs is on the board.' : 'No run lost its user over it.'}</p>}
      />
      {isOpen && total > shown.value.length && (
        <p class="more">
          {formatCount(shown.value.length)} of {formatCount(total)} runs.{' '}
          <a href={paths.runs({ statuses: isSilent ? ['lost', 'stalled'] : ['undelivered'] })}>
            See all that are {isSilent ? 'lost or stalled' : 'undelivered'}
          </a>
        </p>
      )}
    </details>
  )
}
