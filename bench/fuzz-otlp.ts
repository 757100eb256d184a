/** `node bench/fuzz-otlp.ts [COUNT] [SEED]`: broken OTLP bodies by the million. Exits 0 only if each got an answer. */
import { fuzz } from '../test/collector/accept/fuzz-otlp.ts'
import { systemClock } from '../contract/clock.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
const startedAt = systemClock.now()
const { read, refused, slowestMs, failures } = fuzz(seed, count)
const took = (systemClock.now() - startedAt) / 1_000
console.log(
  `${count} bodies from seed ${seed} in ${took.toFixed(0)} s, each read twice (hot and in full): ` +
    `${read} read, ${refused} refused, ${failures.length} failures, slowest ${slowestMs.toFixed(0)} ms`,
)
for (const failure of failures) console.log(failure)
process.exitCode = failures.length === 0 ? 0 : 1
