/** Parts of a run's page that few runs have. */
export { AsOfLine, StandingAt } from './as-of.tsx'
export { ConnectionDetails, MessageDetails, ProcessDetails } from './delivery-details.tsx'
export { GapBands, GapLabels, GapLegend } from './gap-bands.tsx'
export { IdleFolds } from './idle-folds.tsx'
export { LeftOutLine } from './left-out-line.tsx'
export { LogFilter } from './log-filter.tsx'
export { PastStalls } from './past-stalls.tsx'
export { SubAgents } from './sub-agents.tsx'
