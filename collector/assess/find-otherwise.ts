/**
 * What else a standing run may be, where the facts allow a second explanation, and what would decide between the two.
 * Null where they do not: a doubt that is always there would say nothing.
 */
import type { Otherwise, Verdict } from '../../contract/runs.ts'
import { fromIso, toIso } from '../../contract/units.ts'
import type { Progression } from '../progression.ts'
import type { Circumstances } from '../judgement.ts'
import { hasMissedPulse } from '../run.ts'
import { lostFrom } from './expect-process.ts'
import { endedWithoutWord } from './expect-progress.ts'

export function findOtherwise(
  verdict: Pick<Verdict, 'cause' | 'step' | 'since'>,
  circumstances: Circumstances,
  progression: Progression,
): Otherwise | null {
  const { run } = circumstances
  switch (verdict.cause) {
    case 'model-silent':
    case 'tool-silent':
      return processMayBeGone(verdict, circumstances, progression)
    case 'never-started':
      if (endedWithoutWord(run) !== null)
        return pulseMissing(verdict, circumstances, progression) === null ? null : LOST_ON_THE_WAY
      return (
        processMayBeGone(verdict, circumstances, progression) ?? (verdict.step?.phase === 'started' ? null : QUEUED)
      )
    case 'between-steps':
      return processMayBeGone(verdict, circumstances, progression) ?? unseenStep(verdict)
    case 'terminal-skipped':
      return pulseMissing(verdict, circumstances, progression) === null ? null : LOST_ON_THE_WAY
    case 'process-lost':
      return livesUnheard(circumstances)
    case 'unknown':
      return verdict.step?.phase === 'finalise' ? null : endMayBeLost(circumstances)
    case 'reasoning-loop':
      return run.failing === null ? THINKS_ON : TRIES_ON
    default:
      return null
  }
}

const QUEUED: Otherwise = {
  cause: 'queued',
  text: 'it waits for its turn, and its runtime does not say so',
  decidedBy: 'a run record `queued`, or an event of the contract that opens the phase accepted',
}

const LOST_ON_THE_WAY: Otherwise = {
  cause: 'telemetry-lost',
  text: 'the terminal message was emitted, and the record of it was lost with the pulses of its process',
  decidedBy: 'the next pulse, with the records behind it',
}

const THINKS_ON: Otherwise = {
  cause: null,
  text: 'the model thinks for so long and gets there',
  decidedBy: 'a piece of content (`laststep.progress`), a tool call or the answer',
}

const TRIES_ON: Otherwise = {
  cause: null,
  text: 'the agent is working its way round the failure, with other arguments every time',
  decidedBy: 'a tool call that goes well',
}

/** A step that hangs and a process that is gone look the same to whoever hears no pulse. */
function processMayBeGone(
  verdict: Pick<Verdict, 'since'>,
  circumstances: Circumstances,
  progression: Progression,
): Otherwise | null {
  const { run, instance } = circumstances
  const missing = pulseMissing(verdict, circumstances, progression)
  if (missing !== null || instance !== null) return missing
  const isRepeating = lostFrom(circumstances, progression) > fromIso(verdict.since)
  if (isRepeating) return null
  return {
    cause: 'process-lost',
    text: 'its process is gone: it sends no pulse, so nothing tells a step that hangs from a process that died',
    decidedBy: `a pulse of ${run.service ?? 'its service'}, which Laststep’s SDK sends`,
  }
}

/** By the deadline a pulse was due that had not come. */
function pulseMissing(
  { since }: Pick<Verdict, 'since'>,
  circumstances: Circumstances,
  progression: Progression,
): Otherwise | null {
  const { instance } = circumstances
  if (instance === null || instance.stopped || !hasMissedPulse(instance, fromIso(since))) return null
  const goneAt = lostFrom(circumstances, progression)
  return {
    cause: 'process-lost',
    text: `process ${instance.instance} is gone: its last pulse came at ${toIso(instance.pulseAt)}, and one was due before the deadline`,
    decidedBy: `its next pulse, or none until ${toIso(goneAt)}`,
  }
}

function unseenStep({ step }: Pick<Verdict, 'step'>): Otherwise {
  return {
    cause: 'tool-silent',
    text: 'it is in a step that has no span',
    decidedBy: `a span around what the agent does ${step?.name ?? 'there'}`,
  }
}

/** A goodbye says that the process left; silence may also be a cut cable. */
function livesUnheard({ run, instance }: Circumstances): Otherwise | null {
  const isToldOf = instance?.stopped === true || Object.values(run.open).some((span) => span.stopReason !== null)
  if (isToldOf) return null
  const name = instance?.instance ?? run.instance ?? run.service
  const who = name === null ? 'its process' : `process ${name}`
  return {
    cause: 'telemetry-lost',
    text: `${who} works on, and its telemetry does not arrive: a cut connection is as silent as a crash`,
    decidedBy: `any record from ${who}, or a look at its host`,
  }
}

/** Who hears only of what has ended cannot tell a step that hangs from an end that was lost. */
function endMayBeLost({ run }: Circumstances): Otherwise {
  return {
    cause: 'telemetry-lost',
    text: 'it has ended, and the record of its end was lost on the way or is never sent',
    decidedBy:
      run.spansSeen === 0
        ? 'a record that says it ended'
        : `the span of the run; or open spans and a pulse of ${run.service ?? 'its service'}`,
  }
}
