/** Where the time went: the functions in which a child spent most of it, thread by thread. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Chrome's format, as `node --cpu-prof` writes it. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

const TOP = 15

/** @param dir folder of `.cpuprofile` files, one a thread */
export function printProfiles(dir: string): void {
  const profiles = readdirSync(dir)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => {
      const self = selfTimes(JSON.parse(readFileSync(join(dir, name), 'utf8')) as CpuProfile)
      return { name, self, busyMs: busyMsOf(self) }
    })
    .sort((one, other) => other.busyMs - one.busyMs)
  for (const { name, self, busyMs } of profiles.slice(0, 3)) {
    console.log(`\n${name}: ${Math.round(busyMs)} ms busy; most self time`)
    for (const [place, ms] of [...self].filter(([place]) => !isIdle(place)).slice(0, TOP))
      console.log(
        `${((ms / busyMs) * 100).toFixed(1).padStart(6)} %  ${String(Math.round(ms)).padStart(7)} ms  ${place}`,
      )
  }
}

/** Milliseconds by function, most first. */
function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '?'
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1_000)
  }
  return new Map([...times].sort(([, one], [, other]) => other - one))
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const file = url === '' ? '' : ` ${basename(dirname(url))}/${basename(url)}:${lineNumber + 1}`
  return `${functionName || '(anonymous)'}${file}`
}

function isIdle(place: string): boolean {
  return place === '(idle)' || place === '(program)' || place === '(root)'
}

function busyMsOf(self: ReadonlyMap<string, number>): number {
  return [...self].reduce((sum, [place, ms]) => (isIdle(place) ? sum : sum + ms), 0)
}
