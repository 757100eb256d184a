/** What the lab's users ask for. */
import type { ClientFrame } from '../../../contract/frames.ts'
import type { Stage } from './stage.ts'

type StartFrame = Extract<ClientFrame, { type: 'start_agent' }>

/** A model call, a search that takes no time, a model call, an answer: two seconds. */
export function question({ fault }: Stage, threadId?: string): StartFrame {
  return start('assistant', 'What is the refund policy?', fault, threadId)
}

/** The same around a tool that works for two and a half seconds and says how far it is. */
export function report({ fault }: Pick<Stage, 'fault'>, threadId?: string): StartFrame {
  return start('analyst', 'Write the weekly report on run durations.', fault, threadId)
}

function start(agent: string, text: string, fault: Stage['fault'], threadId: string | undefined): StartFrame {
  return {
    type: 'start_agent',
    ...(threadId === undefined ? {} : { thread_id: threadId }),
    payload: { user_request: text, agent, ...(fault === null ? {} : { fault }) },
  }
}
