import type { CodeLocation, Evidence, Limit, Otherwise, Step, Verdict } from '../../contract/runs.ts'

/** Whether a person reading both would see no difference. Asked for every run that is judged, so without making JSON. */
export function isSameVerdict(a: Verdict, b: Verdict): boolean {
  return (
    a.status === b.status &&
    a.cause === b.cause &&
    a.since === b.since &&
    a.deadline === b.deadline &&
    a.confidence === b.confidence &&
    a.lateByMs === b.lateByMs &&
    a.explainedBy === b.explainedBy &&
    a.unconfirmed?.to === b.unconfirmed?.to &&
    isSameLimit(a.limit, b.limit) &&
    isSameStep(a.step, b.step) &&
    isSameOtherwise(a.otherwise, b.otherwise) &&
    a.evidence.length === b.evidence.length &&
    a.evidence.every((line, index) => isSameLine(line, b.evidence[index]))
  )
}

function isSameOtherwise(a: Otherwise | null, b: Otherwise | null): boolean {
  return a?.cause === b?.cause && a?.text === b?.text && a?.decidedBy === b?.decidedBy
}

function isSameLimit(a: Limit | null, b: Limit | null): boolean {
  return a?.ms === b?.ms && a?.from === b?.from && a?.learned?.samples === b?.learned?.samples
}

function isSameStep(a: Step | null, b: Step | null): boolean {
  if (a === null || b === null) return a === b
  const isThere = a.phase === b.phase && a.name === b.name && a.spanId === b.spanId && a.since === b.since
  return isThere && isSameCode(a.code, b.code)
}

function isSameCode(a: CodeLocation | null, b: CodeLocation | null): boolean {
  return a?.file === b?.file && a?.line === b?.line && a?.function === b?.function
}

function isSameLine(a: Evidence, b: Evidence | undefined): boolean {
  return a.text === b?.text && a.ref === b.ref
}
