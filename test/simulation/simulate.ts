/** `npm run simulate -- --seeds 10000 --from 1`: as many worlds as you like. Exits 0 only if every verdict was right. */
import { parseArgs } from 'node:util'
import { systemClock } from '../../contract/clock.ts'
import { playSeed } from './play-seed.ts'
import { tellPlay } from './tell-play.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
  },
})
const [count, from] = [Number(values.seeds), Number(values.from)]
const startedAt = systemClock.now()
let [runs, verdicts, flags, failures] = [0, 0, 0, 0]
let [wentWell, stoodStill, died] = [0, 0, 0]
for (let seed = from; seed < from + count; seed++) {
  const played = await playSeed(seed)
  runs += played.world.runs.length
  verdicts += played.verdicts
  flags += played.flags
  wentWell += played.truth.wentWell
  stoodStill += played.truth.stoodStill
  died += played.truth.diedWithProcess
  if (played.difference !== null) {
    failures++
    console.log(tellPlay(played, seed))
    process.exitCode = 1
    if (!values.all) break
  }
  if ((seed - from + 1) % 500 === 0) report(seed - from + 1)
}
report(count)

function report(seeds: number): void {
  const took = (systemClock.now() - startedAt) / 1_000
  const figures = `${runs} runs, ${verdicts} verdicts and ${flags} flags compared, ${failures} seeds differ`
  const known = `${wentWell} that went well, ${stoodStill} that stood still, ${died} that died with their process`
  console.log(
    `${seeds} seeds in ${took.toFixed(1)} s (${(seeds / took).toFixed(0)}/s): ${figures}; known in truth: ${known}`,
  )
}
