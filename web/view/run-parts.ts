/** Parts of a run's page that few runs have. */
export { PastStalls } from './past-stalls.tsx'
export { SubAgents } from './sub-agents.tsx'
