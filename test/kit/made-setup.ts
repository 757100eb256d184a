import type { Hearing, Setup } from '../../contract/setup.ts'
import { describeSetup, type SetupFacts } from '../../collector/serve/describe-setup.ts'
import { hours } from '../../contract/units.ts'
import { START } from './manual-clock.ts'

const NOTHING_HEARD: Hearing = {
  firstEventAt: null,
  lastEventAt: null,
  lastService: null,
  requests: 0,
  refusals: [],
  clockBehindMs: null,
}

/** A collector with the settings it has when nobody says otherwise, that has heard of nobody yet. */
export function makeSetupFacts(hearing: Partial<Hearing> = {}): SetupFacts {
  return {
    config: {
      host: '127.0.0.1',
      dataDir: '/var/lib/laststep',
      keepForMs: hours(14 * 24),
      keepBytesMax: 10 * 2 ** 30,
      fsync: 'always',
      canary: true,
      webhook: null,
      deadManUrl: null,
    },
    otlpHttp: 'http://127.0.0.1:4318',
    otlpGrpc: 'http://127.0.0.1:4317',
    contracts: [{ name: 'laststep', version: 1, hash: '0123456789ab' }],
    held: { bytes: 3 * 2 ** 30, since: START - hours(70) },
    hearing: { ...NOTHING_HEARD, ...hearing },
  }
}

export function makeSetup(hearing: Partial<Hearing> = {}): Setup {
  return describeSetup(makeSetupFacts(hearing), 4319, '0.1.0-test', START)
}
