/** Senders whose clocks are wrong: what they date is off, and what they do is not. */
import type { Instant, Millis } from '../../contract/units.ts'
import type { Signal } from '../../collector/signal.ts'

/** @param off how far the sender's clock is ahead; negative when it is behind */
export function datedBy(signal: Signal, off: Millis): Signal {
  if (off === 0) return signal
  const at = (moment: Instant): Instant => moment + off
  switch (signal.kind) {
    case 'span':
      return {
        ...signal,
        startedAt: at(signal.startedAt),
        endedAt: signal.endedAt === null ? null : at(signal.endedAt),
      }
    case 'pulse':
      return {
        ...signal,
        at: at(signal.at),
        open: signal.open.map((span) => ({ ...span, startedAt: at(span.startedAt) })),
      }
    case 'delivery':
      return { ...signal, states: signal.states.map((reached) => ({ ...reached, at: at(reached.at) })) }
    case 'run':
    case 'connection':
      return { ...signal, at: at(signal.at) }
    case 'log':
      return signal
  }
}
