/** A run as Markdown that pastes cleanly into an issue or a chat (ux/SPEC §4.14). Times are absolute, in UTC. */
import type { ChecklistItem, RunDetail } from '../../contract/runs.ts'
import type { IncidentDetail } from '../../contract/stalls.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { formatCode, formatDuration, formatLimit, labelOf } from './format.ts'
import { writeGap } from './gaps.ts'
import { lifeWords } from './incident-life.ts'
import { incidentSentence, versionWords } from './incidents.ts'
import { laneMessages, summariseLane } from './lane.ts'
import { writePastStall } from './past-stalls.ts'
import { originOf, titleOf, writeOtherwise } from './sentence.ts'
import { CAUSE_WORDS, CHECK_WORDS, DELIVERY_WORDS } from './words.ts'

const GAPS_MAX = 5

/** @param link absolute address of the run page. */
export function runAsMarkdown(run: RunDetail, link: string, now: Instant): string {
  const lines = [
    `## Run ${run.id} — ${titleOf(run, now)}`,
    whoLine(run),
    ...whereLines(run),
    ...run.pastStalls.map((stall) => `- ${writePastStall(stall, (at) => at)}`),
    '',
    ...checklistTable(run),
    '',
  ]
  const lane = summariseLane(laneMessages(run.deliveries, fromIso(run.startedAt)))
  const lost = lane.lost.length === 0 ? '' : ` (seq ${lane.lost.map((message) => message.seq).join(', ')})`
  lines.push(
    `Deliveries: emitted ${lane.emitted}, written ${lane.written}, confirmed ${lane.confirmed}, lost ${lane.lost.length}${lost}`,
  )
  for (const gap of run.gaps.slice(-GAPS_MAX)) lines.push(`${writeGap(gap)}, ${gap.from} to ${gap.to}`)
  const evidence = [...run.verdict.evidence, ...run.patterns]
  if (evidence.length > 0)
    lines.push('', 'Evidence:', ...evidence.map(({ text, ref }) => `- ${text}${ref ? ` (\`${ref}\`)` : ''}`))
  const { otherwise } = run.verdict
  if (otherwise !== null)
    lines.push('', `Or else: ${writeOtherwise(otherwise)}`, `What decides: ${otherwise.decidedBy}`)
  lines.push('', `Contract: ${run.contract.name} ${run.contract.hash}`, `Link: ${link}`)
  return lines.join('\n') + '\n'
}

/** @param link absolute address of the incident's page. */
export function incidentAsMarkdown(incident: IncidentDetail, link: string): string {
  const { lead, step, rest } = incidentSentence(incident)
  const { cause, code, agent, environment, deploy } = incident
  const brought = deploy === null ? '' : ` (deploy ${deploy.version} at ${deploy.at})`
  const runs = incident.latestStalls.slice(0, STALLS_TOLD)
  return [
    `## ${labelOf(incident.fingerprint)} — ${lead} ${step}${rest}`,
    [agent && `agent ${agent}`, environment].filter(Boolean).join(' · '),
    ...(cause === null ? [] : [`Cause: ${cause} — ${CAUSE_WORDS[cause]}`]),
    ...(code === null ? [] : [`Code: ${formatCode(code)}`]),
    `First: ${incident.firstAt}${brought} · last: ${incident.lastAt}`,
    `Versions: ${versionWords(incident.versions)}`,
    `State: ${lifeWords(incident.life, (at) => at)}`,
    '',
    '| run | version | user | stood from (UTC) | until |',
    '|---|---|---|---|---|',
    ...runs.map(
      ({ runId, version, userId, beganAt, endedAt }) =>
        `| ${runId} | ${version ?? '–'} | ${userId ?? '–'} | ${beganAt} | ${endedAt ?? 'still'} |`,
    ),
    '',
    `Fingerprint: ${incident.fingerprint}`,
    `Link: ${link}`,
    '',
  ].join('\n')
}

/** More would bury the rest. */
const STALLS_TOLD = 5

function whoLine(run: RunDetail): string {
  return [
    run.agent && `agent ${run.agent}`,
    run.environment,
    run.version && `service.version ${run.version}`,
    run.userId && `user ${run.userId}`,
    run.traceId && `trace ${run.traceId}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

function whereLines({ endedAt, verdict }: RunDetail): string[] {
  const cause = verdict.cause === null ? [] : [`Cause: ${verdict.cause} — ${CAUSE_WORDS[verdict.cause]}`]
  if (endedAt !== null || verdict.step === null) return cause
  const at = verdict.step.code === null ? '' : ` at ${formatCode(verdict.step.code)}`
  const expected =
    verdict.limit === null ? '' : `; expected ≤ ${formatLimit(verdict.limit.ms)} (${originOf(verdict.limit)})`
  return [`No progress${at} since ${verdict.step.since}${expected}`, ...cause]
}

function checklistTable({ checklist }: RunDetail): string[] {
  return [
    '| # | critical event | at (UTC) | Δ | state |',
    '|---|---|---|---|---|',
    ...checklist.map(
      (item, index) =>
        `| ${index + 1} | ${item.event} | ${item.at ?? '–'} | ${delta(checklist, index)} | ${state(item)} |`,
    ),
  ]
}

/** Time since the event before it that happened. */
function delta(checklist: readonly ChecklistItem[], index: number): string {
  const at = checklist[index]?.at
  const before = checklist.slice(0, index).findLast((item) => item.at !== null)?.at
  return at && before ? `+${formatDuration(fromIso(at) - fromIso(before))}` : '–'
}

function state(item: ChecklistItem): string {
  return item.delivery === null
    ? CHECK_WORDS[item.state]
    : `${CHECK_WORDS[item.state]}, ${DELIVERY_WORDS[item.delivery]}`
}
