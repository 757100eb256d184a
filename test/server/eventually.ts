import { sleep, systemClock } from '../../contract/clock.ts'

/** Look until there is something to see; a runtime tells its receiver within a fraction of a second. */
export async function eventually<T>(look: () => T): Promise<NonNullable<T>> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const seen = look()
    if (seen) return seen
    await sleep(systemClock, 50)
  }
  throw new Error(`waited for 10 s in vain: ${look}`)
}
