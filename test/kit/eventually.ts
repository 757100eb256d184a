import { sleep, systemClock } from '../../contract/clock.ts'
import { seconds, type Millis } from '../../contract/units.ts'

/** Resolves with the first answer that is not empty. @throws Error when there is none within `limit` */
export async function eventually<T>(
  look: () => T | undefined | null | false,
  limit: Millis = seconds(10),
): Promise<NonNullable<T>> {
  const until = systemClock.now() + limit
  for (;;) {
    const seen = look()
    if (seen) return seen
    if (systemClock.now() > until) throw new Error(`not seen within ${limit} ms: ${look}`)
    await sleep(systemClock, 10)
  }
}
