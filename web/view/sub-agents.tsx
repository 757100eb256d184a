/** The agents inside a run: each narrows the timeline to its part, and the address keeps it. */
import type { SpanId } from '../../contract/ids.ts'
import type { RunDetail, SubAgent } from '../../contract/runs.ts'
import { fromIso } from '../../contract/units.ts'
import { count, formatAge, formatDuration } from '../model/format.ts'
import { paths } from '../paths.ts'
import { Icon, type IconName } from './icon.tsx'
import { useScreen } from './screen.ts'

const ICONS: Readonly<Record<SubAgent['status'], IconName>> = { open: 'running', ended: 'completed', failed: 'failed' }

export function SubAgents({ run, chosen }: { run: RunDetail; chosen: SpanId | null }) {
  return (
    <nav class="card sub-agents" aria-label="Sub-agents">
      <header>
        <h2>Sub-agents</h2>
        <span class="count">{run.subAgents.length}</span>
        <span class="grow" />
        {chosen !== null && <a href={paths.run(run.id)}>Show the whole run</a>}
      </header>
      <ul role="list">
        {run.subAgents.map((agent) => (
          <li key={agent.spanId}>
            <a href={paths.run(run.id, {}, agent.spanId)} aria-current={agent.spanId === chosen || undefined}>
              <Icon name={ICONS[agent.status]} />
              <span class="sub-agent-name mono">{agent.agent}</span>
              <span class="hint">{count(agent.steps, 'step')}</span>
              <Length agent={agent} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Length({ agent }: { agent: SubAgent }) {
  const { live } = useScreen()
  const from = fromIso(agent.startedAt)
  const words =
    agent.endedAt === null
      ? `open ${formatAge(live.tick.value - from)}`
      : `${agent.status} in ${formatDuration(fromIso(agent.endedAt) - from)}`
  return <span class="sub-agent-length">{words}</span>
}
