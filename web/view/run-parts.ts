/** Parts of a run's page that few runs have. */
export { AsOfLine, StandingAt } from './as-of.tsx'
export { PastStalls } from './past-stalls.tsx'
export { SubAgents } from './sub-agents.tsx'
