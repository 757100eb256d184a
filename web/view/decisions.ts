/** Deciding about incidents, on their list and on their pages: asked, sent, and shown as the collector then has it. */
import { useSignal, type Signal } from '@preact/signals'
import type { IncidentAction } from '../../contract/incidents.ts'
import type { Incident } from '../../contract/stalls.ts'
import type { Decision } from '../model/incident-life.ts'
import { labelOf } from '../model/format.ts'
import { say } from './said.tsx'
import { useScreen, type Problem } from './screen.ts'

/** What the sheet asks for; `menu`: what to decide at all. */
export type Question = 'menu' | Exclude<Decision, 'acknowledge' | 'reopen'>

export interface Decisions {
  readonly asked: Signal<{ readonly incident: Incident; readonly question: Question } | null>
  readonly isOpen: Signal<boolean>
  readonly isSending: Signal<boolean>
  readonly problem: Signal<Problem | null>
  /** Open the sheet that asks for the rest. */
  ask(incident: Incident, question: Question): void
  /** @returns whether it was done */
  decide(incident: Incident, action: IncidentAction, reason?: string): Promise<boolean>
}

/** @param decided once the collector has it */
export function useDecisions(decided: () => void): Decisions {
  const { actOnStall, name } = useScreen()
  const asked = useSignal<{ readonly incident: Incident; readonly question: Question } | null>(null)
  const isOpen = useSignal(false)
  const isSending = useSignal(false)
  const problem = useSignal<Problem | null>(null)
  return {
    asked,
    isOpen,
    isSending,
    problem,
    ask(incident, question) {
      asked.value = { incident, question }
      problem.value = null
      isOpen.value = true
    },
    async decide(incident, action, reason = '') {
      if (isSending.peek()) return false
      isSending.value = true
      problem.value = null
      const answer = await actOnStall(incident.fingerprint, { ...action, by: name.choice.peek(), reason })
      isSending.value = false
      decided()
      if ('problem' in answer) {
        problem.value = answer.problem
        return false
      }
      isOpen.value = false
      say(`${labelOf(incident.fingerprint)}: ${SAID[action.action]}`)
      return true
    },
  }
}

const SAID: Readonly<Record<IncidentAction['action'], string>> = {
  acknowledge: 'acknowledged',
  mute: 'muted',
  resolve: 'resolved',
  reopen: 'open again',
  assign: 'assigned',
  merge: 'merged',
  unmerge: 'taken out again',
  split: 'split off',
  unsplit: 'put back',
}
