/** One seed: a world, what becomes of it, and whether every verdict on it is right. */
import { judgeRun } from '../../collector/assess/judge-run.ts'
import { readProgression } from '../../collector/assess/read-progression.ts'
import { openContracts } from '../../collector/contracts.ts'
import { compareLives, compareTimelines, compareWithOracle, heardOf, type Difference } from './compare.ts'
import { live, type Lived } from './live.ts'
import type { Judge } from './machine.ts'
import { FORMS, openMail, type Form, type Mail } from './mail.ts'
import { send, WEATHERS, type Sent } from './network.ts'
import { openRandom } from './random.ts'
import { replay, type Replayed } from './replay.ts'
import { FLAGS } from './timeline.ts'
import { compareWithTruth, type TruthCheck } from './truth.ts'
import { makeWorld } from './world/make-world.ts'
import type { World } from './world/story.ts'

/** The contract `laststep`; what is learned from so few runs would only be another thing to know twice. */
export const contract = readProgression('contract: world\nversion: 1\nbudgets: { learned: off }\n', 'of the simulation')
const contracts = openContracts([contract])
export const theJudge: Judge = (circumstances, now) =>
  judgeRun(circumstances, contracts.of(circumstances.run.contract), now)

export interface Played {
  readonly world: World
  readonly sent: Sent
  readonly lived: Lived
  readonly replayed: Replayed
  readonly mail: Mail
  readonly form: Form
  readonly difference: Difference | null
  readonly truth: TruthCheck
  readonly verdicts: number
  readonly flags: number
}

/** @param judge another one than the collector's own, to see that a wrong one is found out */
export async function playSeed(seed: number | string, judge: Judge = theJudge): Promise<Played> {
  const random = openRandom(`${seed}`)
  const world = makeWorld(`${seed}`)
  const sent = send(world, random.pick(WEATHERS))
  const form = random.chance(0.8) ? FORMS[0] : random.pick(FORMS)
  const mail = openMail(form)
  const lived = await live({ world, sent, mail, contracts, judge })
  const { until } = lived
  const settings = { log: lived.log, mail, contracts, judge, until }
  const replayed = replay({ ...settings, scrambled: null })
  const { runs } = world
  const truth = compareWithTruth(world, sent, lived, replayed)
  const checks = [
    () => compareLives(runs, replayed, lived),
    () => {
      const scrambled = replay({ ...settings, scrambled: random })
      return compareTimelines(runs, replayed.said, scrambled.said, 'doubled and in another order')
    },
    ...runs.map(
      (run) => () => compareWithOracle({ run, heard: heardOf(run, lived.log, mail), replayed, until, random }),
    ),
    () => truth.difference,
  ]
  const states = [...replayed.said.values()].flat()
  return {
    world,
    sent,
    lived,
    replayed,
    mail,
    form,
    difference: first(checks),
    truth,
    verdicts: states.length,
    flags: states.filter(({ status }) => FLAGS.has(status)).length,
  }
}

function first(checks: readonly (() => Difference | null)[]): Difference | null {
  for (const check of checks) {
    const difference = check()
    if (difference !== null) return difference
  }
  return null
}
