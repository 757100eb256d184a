import type { FailingFindingFacts } from './connection.ts'
import type { SilentFindingFacts } from './source.ts'

/** What was found of something larger than a run. */
export type FindingFacts = SilentFindingFacts | FailingFindingFacts
