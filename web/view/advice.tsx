/** How a verdict becomes surer: a sentence, and on demand the lines to copy. */
import type { RunDetail } from '../../contract/runs.ts'
import { adviseOn } from '../model/advice.ts'
import { CopyButton } from './copy.tsx'

export function AdviceOn({ run }: { run: RunDetail }) {
  const advice = adviseOn(run)
  if (advice === null) return null
  return (
    <details class="advice">
      <summary>
        {advice.lack} {advice.remedy}
      </summary>
      {advice.lines.map(({ language, code }) => (
        <figure key={language}>
          <figcaption class="hint">
            {language} <CopyButton text={code} what={`lines for ${language}`} />
          </figcaption>
          <pre class="mono">{code}</pre>
        </figure>
      ))}
      <p class="hint">What your framework needs besides is in docs/integrations.</p>
    </details>
  )
}
