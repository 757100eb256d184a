import { toIso, type Instant } from '../../contract/units.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** Where a page that is told a relative beginning ends when it is told no end. */
const ENDS: Readonly<Record<string, string>> = { from: 'to', since: 'until' }

/**
 * The same page, for somebody who opens it tomorrow: times that move with the clock become the moments they are now
 * (ux/SPEC §4.2). The address bar keeps the words it has.
 */
export function pinLink(href: string, now: Instant): string {
  const url = new URL(href)
  const query = url.searchParams
  for (const [name, value] of new URLSearchParams(query)) {
    const relative = /^now(?:-(\d{1,6})([smhd]))?$/.exec(value)
    if (relative === null) continue
    query.set(name, toIso(now - Number(relative[1] ?? 0) * (UNIT_MS[relative[2] ?? 's'] ?? 0)))
    const end = ENDS[name]
    if (end !== undefined && !query.has(end)) query.set(end, toIso(now))
  }
  return url.href
}
