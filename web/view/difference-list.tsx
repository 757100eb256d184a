/** Attributes that differ between two groups, the largest difference first. */
import type { ComparedRow, Comparison } from '../../contract/compare.ts'
import { drawDifference, evidenceOfRow, rowAsMarkdown, type Difference, type Side } from '../model/compare.ts'
import { paths } from '../paths.ts'
import { readRunsFilter } from '../read-address.ts'
import { copyRef, CopyTrigger } from './copy.tsx'

interface DifferenceListProps {
  readonly comparison: Comparison
  readonly rows: readonly ComparedRow[]
  readonly label: string
}

export function DifferenceList({ comparison, rows, label }: DifferenceListProps) {
  return (
    <ol class="differences" aria-label={label}>
      {rows.map((row) => (
        <DifferenceRow key={`${row.of} ${row.span} ${row.key}`} row={row} comparison={comparison} />
      ))}
    </ol>
  )
}

function DifferenceRow({ row, comparison }: { row: ComparedRow; comparison: Comparison }) {
  const drawn = drawDifference(row, comparison)
  const thing = () => thingOf(row, drawn, comparison)
  return (
    <li>
      <div
        class={`difference ${drawn.isBeyondChance ? '' : 'is-chance'}`}
        data-row={drawn.id}
        tabIndex={0}
        role="group"
        aria-label={drawn.says}
        ref={copyRef(thing)}
      >
        <p class="difference-name">
          {drawn.of !== null && <span class="hint">{drawn.of} · </span>}
          <b>{drawn.key}</b>
        </p>
        <p class="difference-value mono">{drawn.value}</p>
        <SideBar side={drawn.a} />
        <SideBar side={drawn.b} />
        <p class="difference-delta">
          <b>{drawn.delta}</b>
          {!drawn.isBeyondChance && <span class="hint">may be chance</span>}
        </p>
        <p class="difference-acts">
          {drawn.filter !== null && <a href={runsWith(drawn.filter, comparison)}>filter</a>}
          {drawn.exclude !== null && <a href={runsWith(drawn.exclude, comparison)}>exclude</a>}
          <CopyTrigger thing={thing} what={drawn.key} isStop={false} />
        </p>
        {drawn.others.length > 0 && (
          <details class="difference-others">
            <summary>{row.kind === 'shares' ? 'other values' : 'more'}</summary>
            <ul>
              {drawn.others.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </li>
  )
}

function SideBar({ side }: { side: Side }) {
  const most = Math.max(1, ...side.bins)
  return (
    <p class={`difference-side is-${side.name.toLowerCase()}`}>
      <span class="difference-letter" aria-hidden="true">
        {side.name}
      </span>
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
        {side.share === null ? (
          side.bins.map((runs, bin) => (
            <rect key={bin} x={bin * 10} y={12 - (runs / most) * 12} width="9" height={(runs / most) * 12} />
          ))
        ) : (
          <rect y="1" width={side.share * 100} height="10" />
        )}
      </svg>
      <span class="difference-words">{side.words}</span>
    </p>
  )
}

/** Among the runs of A's query where there is one; else from when its first run began. */
function runsWith(condition: string, { a }: Comparison): string {
  const query = Object.fromEntries(new URLSearchParams(a.query ?? (a.from === null ? '' : `since=${a.from}`)))
  return paths.runs(readRunsFilter(query, [condition]))
}

/** Copied, and as evidence of an investigation. */
function thingOf(row: ComparedRow, { says }: Difference, comparison: Comparison) {
  const path = paths.compare(comparison.a.asked, comparison.b.asked)
  const link = () => location.origin + path
  return {
    what: row.key,
    load: async () => [
      { kind: 'link' as const, name: 'Link', text: link },
      { kind: 'text' as const, name: 'Text', text: () => says },
      { kind: 'markdown' as const, name: 'Markdown', text: () => rowAsMarkdown(row, comparison, link()) },
      { kind: 'json' as const, name: 'JSON', text: () => JSON.stringify(row, null, 2) },
    ],
    draft: async () => evidenceOfRow(row, comparison, path),
  }
}
