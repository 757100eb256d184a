/** From a fault's name to what it changes about a run. */
import type { RunFaultName } from '../fault.ts'
import { noSabotage, type Sabotage } from '../sabotage.ts'
import { endingFaults } from './ending-faults.ts'
import type { PrepareFault, SabotageSettings } from './fault-table.ts'
import { modelFaults } from './model-faults.ts'
import { notifierFaults } from './notifier-faults.ts'
import { routingFaults } from './routing-faults.ts'
import { startFaults } from './start-faults.ts'
import { toolFaults } from './tool-faults.ts'

const FAULTS: Readonly<Record<RunFaultName, PrepareFault>> = {
  // It bites before there is a run to sabotage: silent-handler.ts.
  'silent-rejection': () => ({}),
  ...startFaults,
  ...modelFaults,
  ...toolFaults,
  ...endingFaults,
  ...notifierFaults,
  ...routingFaults,
}

/** @param fault null for a healthy run */
export function prepareSabotage(fault: RunFaultName | null, settings: SabotageSettings): Sabotage {
  return fault === null ? noSabotage : { ...noSabotage, ...FAULTS[fault](settings) }
}
