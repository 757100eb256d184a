/** A sheet with little in it; what a test is about is given. */
import type { Answer, Investigation } from '../../../contract/investigations.ts'

const AT = '2026-11-28T10:00:00.000Z'

export function makeSheet(wish: Partial<Investigation> = {}): Investigation {
  return {
    id: 'INV-1',
    rev: 1,
    title: 'Runs stand still',
    state: 'open',
    fingerprint: null,
    runId: null,
    createdAt: AT,
    updatedAt: AT,
    by: null,
    updatedBy: null,
    problem: '',
    answers: [],
    evidence: [],
    pinned: 0,
    contributing: '',
    limited: '',
    detection: { beganAt: null, detectedAt: null, delayMs: null },
    actions: [],
    notes: [],
    ...wish,
  }
}

export function makeAnswer(id: string, wish: Partial<Answer> = {}): Answer {
  return {
    id,
    parentId: null,
    order: 1,
    question: `Why ${id}?`,
    text: '',
    state: 'hypothesis',
    evidence: [],
    isDraft: false,
    ...wish,
  }
}
