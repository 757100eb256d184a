/** What the numbers carry of what had changed before an incident began, as sentences with their evidence. Pure. */
import type { Cohort, ComparedRow, Comparison, SharesRow } from '../contract/compare.ts'
import type { DeployEffect, DeployEffects } from '../contract/deploys.ts'
import type { EvidenceDraft, FrozenValue } from '../contract/investigations.ts'
import type { Fingerprint } from '../contract/stalls.ts'
import type { Change } from './investigation.ts'

/** The first few differences are leads; the others are on the page that compares. */
const DIFFERENCES_MAX = 3

export interface ChangeFacts {
  readonly fingerprint: Fingerprint
  /** Null when they could not be asked for. */
  readonly effects: DeployEffects | null
  /** Its runs against healthy ones; null when it was not there in time. */
  readonly comparison: Comparison | null
}

export function changesOf({ fingerprint, effects, comparison }: ChangeFacts): Change[] {
  const suspect = effects?.suspect ?? null
  const effect = effects?.effects.find(({ deploy }) => suspect !== null && isSame(deploy, suspect))
  return [
    ...(effect === undefined ? [] : [changeByDeploy(fingerprint, effect)]),
    ...(comparison === null ? [] : differences(fingerprint, comparison)),
  ]
}

function isSame(a: DeployEffect['deploy'], b: DeployEffect['deploy']): boolean {
  return a.service === b.service && a.environment === b.environment && a.version === b.version && a.at === b.at
}

function changeByDeploy(fingerprint: Fingerprint, { deploy, before, after, p, sentence }: DeployEffect): Change {
  const rate = ({ stalls, runs }: DeployEffect['before']): string => `${stalls} stalls of ${runs} runs`
  const title = `${deploy.service} ${deploy.version}, suspect by its numbers`
  return change(sentence, 'deploy', title, `/stalls/${fingerprint}`, deploy.at, [
    ['service', deploy.service],
    ['version', deploy.version],
    ['environment', deploy.environment ?? 'none'],
    ['deployed at', deploy.at],
    ['before', rate(before)],
    ['after', rate(after)],
    ['p', p === null ? 'none' : String(p)],
  ])
}

function differences(fingerprint: Fingerprint, { at, a, b, rows }: Comparison): Change[] {
  const link = `/compare?a=${encodeURIComponent(`incident:${fingerprint}`)}&b=healthy`
  return rows
    .filter((row) => row.isBeyondChance)
    .filter(isShares)
    .slice(0, DIFFERENCES_MAX)
    .flatMap((row) => {
      const [most] = row.values
      if (most === undefined) return []
      const name = nameOf(row)
      const value = most.value ?? 'not set'
      const [inA, inB] = [shareOf(most.a, a), shareOf(most.b, b)]
      const text = `${name} is ${value} in ${inA} stalled runs, and in ${inB} healthy ones. A lead, and no cause by itself.`
      return [
        change(text, 'compare', `${name}: ${value}`, link, at, [
          ['attribute', name],
          ['value', value],
          ['stalled runs', inA],
          ['healthy runs', inB],
          ['stalled runs are', a.says],
          ['healthy runs are', b.says],
        ]),
      ]
    })
}

function isShares(row: ComparedRow): row is SharesRow {
  return row.kind === 'shares'
}

/** `tool › search_orders · server.address` */
function nameOf({ of, span, key }: ComparedRow): string {
  return of === 'resource' ? key : `${span ?? of} · ${key}`
}

function shareOf(count: number, { sampled }: Cohort): string {
  return `${count} of ${sampled}`
}

function change(
  text: string,
  kind: EvidenceDraft['kind'],
  title: string,
  link: string,
  at: string,
  values: readonly (readonly [name: string, value: string])[],
): Change {
  const frozen: FrozenValue[] = values.map(([name, value]) => ({ name, value }))
  return { text, evidence: { kind, title, link, at, frozen } }
}
