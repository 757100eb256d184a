/** What the run book knows of how connections fare: which may still fail, how those of a service went of late, what was found. */
import { seconds, type Instant, type Millis } from '../../contract/units.ts'
import type { FailingFindingFacts, FailureGroup, Tries } from '../connection.ts'
import { LookHeap } from './look-heap.ts'

export interface ConnectionBook {
  /** Connections that are not counted yet, and when to look at each. */
  readonly due: Map<string, Instant>
  /** By environment and service. Replaced, never changed. */
  readonly lately: Map<string, readonly Slot[]>
  /** In the order in which they were found. */
  readonly findings: Map<string, FailingFindingFacts>
  /** Ids of connections and of findings. */
  readonly looks: LookHeap
}

/** What came of the connections of a service in ten seconds. */
export interface Slot {
  readonly from: Instant
  readonly all: number
  /** By failure and close code. */
  readonly failed: Readonly<Record<string, { readonly count: number; readonly firstAt: Instant }>>
}

/** How the lists of a snapshot hold it. */
export interface WrittenConnections {
  readonly due?: readonly (readonly [string, Instant])[]
  readonly lately?: readonly (readonly [string, readonly Slot[]])[]
  readonly failing?: readonly FailingFindingFacts[]
}

const SLOT: Millis = seconds(10)
/** A minute, to ten seconds. */
const SLOTS = 6
/** A sender may make up services. */
const SERVICES_MAX = 1_000

export function openConnectionBook(): ConnectionBook {
  return { due: new Map(), lately: new Map(), findings: new Map(), looks: new LookHeap() }
}

export function restoreConnections(book: ConnectionBook, { due, lately, failing }: WrittenConnections): void {
  for (const [id, at] of due ?? []) lookAtConnection(book, id, at)
  for (const [service, slots] of lately ?? []) book.lately.set(service, slots)
  for (const finding of failing ?? []) {
    book.findings.set(finding.id, finding)
    book.looks.set(findingLook(finding.id), finding.lookAt)
  }
}

const CONNECTION = '1 connection '
const FINDING = '2 finding '
/** In this order at the same moment: a finding is weighed with all that failed until then. */
export const findingLook = (id: string): string => FINDING + id

export function lookAtConnection({ due, looks }: ConnectionBook, id: string, at: Instant | null): void {
  looks.set(CONNECTION + id, at)
  if (at === null) due.delete(id)
  else due.set(id, at)
}

/** What a look was set for. */
export function readLook(look: string): { readonly kind: 'connection' | 'finding'; readonly id: string } {
  return look.startsWith(FINDING)
    ? { kind: 'finding', id: look.slice(FINDING.length) }
    : { kind: 'connection', id: look.slice(CONNECTION.length) }
}

type Service = Pick<FailureGroup, 'service' | 'environment'>

/** A connection of the service came to something. @param failure null when it became ready */
export function countTry(
  { lately }: ConnectionBook,
  service: Service,
  failure: Pick<FailureGroup, 'failure' | 'closeCode'> | null,
  now: Instant,
): void {
  const key = keyOf(service)
  const from = Math.floor(now / SLOT) * SLOT
  const held = lately.get(key) ?? []
  const recent = held.filter((slot) => slot.from > from - SLOTS * SLOT)
  const latest = recent.at(-1)
  const slot: Slot = latest?.from === from ? latest : { from, all: 0, failed: {} }
  const failed = failure === null ? slot.failed : { ...slot.failed, ...oneMore(slot, failure, now) }
  const before = slot === latest ? recent.slice(0, -1) : recent
  // The one that was quiet for longest is the first to be forgotten.
  lately.delete(key)
  lately.set(key, [...before, { from, all: slot.all + 1, failed }])
  if (lately.size > SERVICES_MAX) for (const oldest of lately.keys()) if (lately.delete(oldest)) return
}

function oneMore(slot: Slot, failure: Pick<FailureGroup, 'failure' | 'closeCode'>, now: Instant): Slot['failed'] {
  const way = wayOf(failure)
  const held = slot.failed[way]
  return { [way]: { count: (held?.count ?? 0) + 1, firstAt: held?.firstAt ?? now } }
}

/** How those of a group went in the last minute, and when the first of them failed. */
export function readTries(
  { lately }: ConnectionBook,
  group: FailureGroup,
): Tries & { readonly firstAt: Instant | null } {
  const slots = lately.get(keyOf(group)) ?? []
  const failed = slots.flatMap((slot) => slot.failed[wayOf(group)] ?? [])
  return {
    failed: failed.reduce((sum, { count }) => sum + count, 0),
    all: slots.reduce((sum, { all }) => sum + all, 0),
    firstAt: failed[0]?.firstAt ?? null,
  }
}

export function isOfGroup(one: FailureGroup, other: FailureGroup): boolean {
  return keyOf(one) === keyOf(other) && wayOf(one) === wayOf(other)
}

export function isOfService(one: Service, other: Service): boolean {
  return one.service === other.service && one.environment === other.environment
}

const keyOf = ({ service, environment }: Service): string => JSON.stringify([environment, service])
const wayOf = ({ failure, closeCode }: Pick<FailureGroup, 'failure' | 'closeCode'>): string => `${failure} ${closeCode}`
