import { createHash } from 'node:crypto'
import type { Deploy } from '../../contract/deploys.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { Message, MessageBody, MessageGroup, MessageNews } from './message.ts'
import type { StallGroup } from './stall-group.ts'

const TYPES = {
  run: { begun: 'run.stalled', grown: 'run.stalled.grown', over: 'run.recovered' },
  source: { begun: 'source.silent', grown: 'source.silent.grown', over: 'source.recovered' },
} as const

/**
 * What a group has to say, in its next version.
 * @param address where people reach the dashboard
 * @param deploy that may have brought it
 */
export function writeMessage(
  group: StallGroup,
  news: MessageNews,
  address: string,
  deploy: Deploy | null,
  now: Instant,
): Message {
  const { fingerprint, firstSeenAt, quietAt, count, standing, users, first } = group
  const version = group.version + 1
  const linkOf = (runId: string): string => `${address}/runs/${encodeURIComponent(runId)}`
  const runs = first.kind === 'run' ? group.keys.map((id) => ({ id, link: linkOf(id) })) : []
  const counts = { count, standing, users: users.length === 0 ? null : users.length }
  const told: MessageGroup = { fingerprint, version, ...counts, firstSeenAt, runs }
  const timestamp = { begun: firstSeenAt, grown: toIso(now), over: quietAt ?? toIso(now) }[news]
  const body: MessageBody =
    first.kind === 'run'
      ? {
          type: TYPES.run[news],
          timestamp,
          data: { run: first.run, verdict: first.verdict, link: linkOf(first.run.id), group: told, deploy },
        }
      : {
          type: TYPES.source[news],
          timestamp,
          data: { finding: first.finding, link: `${address}/live`, group: told },
        }
  return { id: idOf(group, version), body: JSON.stringify(body), createdAt: now }
}

function idOf({ fingerprint, firstSeenAt }: StallGroup, version: number): string {
  const hash = createHash('sha256').update(`${fingerprint}\n${firstSeenAt}\n${version}`).digest('hex')
  return `msg_${hash.slice(0, 32)}`
}
