/** The hour of runs in flight by phase, as areas on top of each other in the order of a run. */
import type { InFlightHistory } from '../../contract/live.ts'
import { fromIso, type Instant } from '../../contract/units.ts'
import { count, formatCount } from './format.ts'
import type { Figure } from './trends.ts'

export interface FlightPicture {
  readonly figure: Figure
  /** When each value was counted. */
  readonly at: readonly Instant[]
}

export function drawFlight({ stepMs, phases, samples }: InFlightHistory): FlightPicture {
  const points = withGaps(samples, stepMs)
  const lines = [...phases, 'between steps' as const].map((name, index) => {
    const values = points.map(({ sample }) =>
      sample === null ? null : name === 'between steps' ? sample.between : (sample.inPhase[index] ?? 0),
    )
    return { name, values, whole: formatCount(values.at(-1) ?? 0), samples: values.map(() => 1), only: {} }
  })
  const now = lines.reduce((sum, { values }) => sum + (values.at(-1) ?? 0), 0)
  const most = Math.max(0, ...points.map(({ sample }) => (sample === null ? 0 : totalOf(sample))))
  return {
    figure: {
      id: 'phases',
      title: 'In flight by phase, last hour',
      sentence: `${count(now, 'run')} now, ${formatCount(most)} at most in the last hour.`,
      kind: 'areas',
      lines,
      isLogarithmic: false,
      bottom: 0,
      top: null,
      format: formatCount,
    },
    at: points.map(({ at }) => at),
  }
}

type Sample = InFlightHistory['samples'][number]

/** Where nobody counted there is nothing, and no straight line from before to after. */
function withGaps(samples: readonly Sample[], stepMs: number): { at: Instant; sample: Sample | null }[] {
  return samples.flatMap((sample, index) => {
    const at = fromIso(sample.at)
    const before = samples[index - 1]
    const isGap = before !== undefined && at - fromIso(before.at) > 2 * stepMs
    return isGap
      ? [
          { at: at - 1, sample: null },
          { at, sample },
        ]
      : [{ at, sample }]
  })
}

function totalOf({ inPhase, between }: Sample): number {
  return inPhase.reduce((sum, each) => sum + each, between)
}
