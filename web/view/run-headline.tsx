/** The sentence a run page begins with. */
import type { RunDetail } from '../../contract/runs.ts'
import { writeSilence } from '../model/findings.ts'
import { labelOf } from '../model/format.ts'
import { writeSentence } from '../model/sentence.ts'
import { paths } from '../paths.ts'
import { Icon } from './icon.tsx'
import { CodeAt } from './code-at.tsx'
import { useScreen } from './screen.ts'

/** @param isPart of a page that is about more than this run */
export function RunHeadline({ run, isPart = false }: { run: RunDetail; isPart?: boolean }) {
  const Heading = isPart ? 'h2' : 'h1'
  const { live } = useScreen()
  const sentence = writeSentence(run, live.tick.value)
  const finding = live.board.value.findings.find(({ id }) => id === run.explainedBy)
  return (
    <section class={`headline is-${run.status}`}>
      <Heading>
        <Icon name={run.status} />
        <span>
          {sentence.lead} {sentence.step && <span class="mono">{sentence.step}</span>} {sentence.length}
        </span>
      </Heading>
      <ul role="list">
        {sentence.facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        {run.explainedBy !== null && (
          <li>
            {finding?.kind === 'source-silent' ? writeSilence(finding, live.tick.value) : 'its process fell silent'}
          </li>
        )}
        {run.fingerprint !== null && (
          <li>
            <a href={paths.stall(run.fingerprint)}>{labelOf(run.fingerprint)}</a>, the stalls like it
          </li>
        )}
        {sentence.code && (
          <li>
            <CodeAt code={sentence.code} version={run.version} />
          </li>
        )}
      </ul>
    </section>
  )
}
