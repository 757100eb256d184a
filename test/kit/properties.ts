/**
 * fast-check with a seed of its own: whether `npm test` passes depends on the program, not on a die. Other cases are
 * played with `LASTSTEP_TEST_SEED=7 npm test -- test/collector`.
 */
import { configureGlobal } from 'fast-check'

configureGlobal({ seed: Number(process.env.LASTSTEP_TEST_SEED ?? 20_261_127) })

export * from 'fast-check'
