/** Does nothing for a second: long enough for a worker to start, and for whatever it would start in turn. */
import { hold } from '../kit.ts'

await hold(1_000)
