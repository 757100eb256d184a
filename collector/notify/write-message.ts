import { createHash } from 'node:crypto'
import type { Deploy } from '../../contract/deploys.ts'
import type { IsoTime } from '../../contract/runs.ts'
import { toIso, type Instant } from '../../contract/units.ts'
import type { Message, MessageBody, MessageGroup, MessageNews } from './message.ts'
import type { Facts, StallGroup } from './stall-group.ts'

const TYPES = {
  run: { begun: 'run.stalled', grown: 'run.stalled.grown', over: 'run.recovered' },
  connections: { begun: 'connections.failing', grown: 'connections.failing.grown', over: 'connections.recovered' },
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
  const runs = first.kind === 'run' ? group.keys.map((id) => ({ id, link: linkOf(address, id) })) : []
  const counts = { count, standing, users: users.length === 0 ? null : users.length }
  const told: MessageGroup = { fingerprint, version, ...counts, firstSeenAt, runs }
  const timestamp = { begun: firstSeenAt, grown: toIso(now), over: quietAt ?? toIso(now) }[news]
  return {
    id: idOf(group, version),
    body: JSON.stringify(bodyOf(first, news, timestamp, told, deploy, address)),
    createdAt: now,
  }
}

function bodyOf(
  first: Facts,
  news: MessageNews,
  timestamp: IsoTime,
  group: MessageGroup,
  deploy: Deploy | null,
  address: string,
): MessageBody {
  const link = `${address}/live`
  switch (first.kind) {
    case 'run': {
      const { run, verdict } = first
      return { type: TYPES.run[news], timestamp, data: { run, verdict, link: linkOf(address, run.id), group, deploy } }
    }
    case 'source':
      return { type: TYPES.source[news], timestamp, data: { finding: first.finding, link, group } }
    case 'connections':
      return { type: TYPES.connections[news], timestamp, data: { finding: first.finding, link, group } }
  }
}

function linkOf(address: string, runId: string): string {
  return `${address}/runs/${encodeURIComponent(runId)}`
}

function idOf({ fingerprint, firstSeenAt }: StallGroup, version: number): string {
  const hash = createHash('sha256').update(`${fingerprint}\n${firstSeenAt}\n${version}`).digest('hex')
  return `msg_${hash.slice(0, 32)}`
}
