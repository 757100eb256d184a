/** A seed's story of one run, for people: what was heard when, and what was said of it. */
import type { Signal } from '../../collector/signal.ts'
import { ATTR } from '../../contract/attributes.ts'
import type { Instant } from '../../contract/units.ts'
import { heardOf, oracleAt, statesOf } from './compare.ts'
import type { Played } from './play-seed.ts'
import { inWords, secondsOf, stateAt } from './timeline.ts'
import type { Run } from './world/story.ts'

export function tellPlay(played: Played, seed: number | string): string {
  const { difference, sent, lived, replayed, mail, form } = played
  if (difference === null) return `seed ${seed}: nothing differs`
  const { run, at, what } = difference
  const head = [
    `seed ${seed}: ${run.id} at ${secondsOf(at)} (${sent.weather} weather, ${form}, ${lived.restarts} restarts)`,
    `  ${what}`,
  ]
  head.push(`  ${run.process.name} tells in the manner "${run.process.manner}"`)
  const heard = heardOf(run, lived.log, mail)
  const lines: { at: Instant; text: string }[] = heard.map((each) => ({ at: each.at, text: tell(each.signal, run) }))
  for (const gap of replayed.gaps)
    lines.push({ at: gap.knownAt, text: `we are ${gap.reason} from ${secondsOf(gap.from)} for ${gap.lengthMs} ms` })
  for (const said of statesOf(replayed.said, run)) {
    const must = inWords(
      oracleAt(run, heard, replayed.gaps, said.from, stateAt(statesOf(replayed.said, run), said.from - 1)),
    )
    const text = inWords(said)
    lines.push({ at: said.from + 0.5, text: `=> ${text}${must === text ? '' : `   BUT THE ORACLE: ${must}`}` })
  }
  for (const life of lived.said)
    for (const said of statesOf(life, run))
      lines.push({ at: said.from + 0.7, text: `   (said then: ${inWords(said)})` })
  lines.sort((a, b) => a.at - b.at)
  const told = lines
    .filter((line) => line.at <= at + 60_000)
    .map((line) => `${secondsOf(line.at).padStart(10)}  ${line.text}`)
  return [...head, ...told].join('\n')
}

function tell(signal: Signal, run: Run): string {
  switch (signal.kind) {
    case 'span': {
      const what = `${signal.name} (${signal.spanId.slice(-2)})`
      if (signal.endedAt !== null)
        return `closes ${what}${signal.exception === null ? '' : ` with ${signal.exception.type}`}`
      if (signal.stopReason !== null) return `leaves ${what}: ${signal.stopReason}`
      const pieces = signal.known[ATTR.progress]
      return pieces === undefined ? `opens ${what} seq ${signal.seq}` : `progresses in ${what} to ${pieces}`
    }
    case 'pulse': {
      const own = signal.open.filter(({ traceId }) => traceId === run.traceId).map(({ spanId }) => spanId.slice(-2))
      const block = signal.loopBlockedMs === 0 ? '' : `, blocked for ${signal.loopBlockedMs} ms`
      return `pulse ${signal.seq} of ${signal.source.instance}: [${own.join(' ')}]${block}${signal.last ? ', the last' : ''}`
    }
    case 'run':
      return `records ${signal.state} ${signal.outcome ?? ''}`
    case 'delivery':
      return `emits ${signal.event} (${signal.seq}) to ${signal.connectionId ?? 'nobody'}: ${signal.states.map(({ state }) => state).join(' ')}`
    case 'connection':
      return `${signal.connectionId} ${signal.state}`
    case 'log':
      return 'logs'
  }
}
