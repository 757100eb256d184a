/** What happens to the agent in each case, the same for every framework. */
import type { Ending } from './model-server.ts'

export type CaseName =
  | 'finished'
  | 'failed'
  | 'hung-in-model'
  | 'hung-in-tool'
  | 'hung-in-model-open'
  | 'hung-in-tool-open'
  | 'hung-in-stream'
  | 'hung-in-stream-open'
  | 'sub-agent'
  | 'handoff'
  | 'waiting'
  | 'retry'

export interface Case {
  /** Said in the corpus file, after which agent it is. */
  readonly how: string
  readonly model: Ending
  readonly toolHangs: boolean
  /** Laststep's open-span processor and pulse are in the process. */
  readonly openSpans: boolean
}

const HANGS_IN_MODEL = 'The request to the model after the tool call is accepted and never answered'
const HANGS_IN_STREAM = 'The model streams the beginning of its answer, and no more'
const HANGS_IN_TOOL = 'The tool never returns'
const KILLED = 'the process is killed a few seconds after its last sign of life.'
const OPEN = 'With openSpans() of @laststep/sdk.'

// oxfmt-ignore
export const CASES: Readonly<Record<CaseName, Case>> = {
  'finished':            { model: 'answers', toolHangs: false, openSpans: false, how: 'The model asks for the tool, then answers; the process ends in good order.' },
  'failed':              { model: 'refuses', toolHangs: false, openSpans: false, how: 'The model asks for the tool, then refuses the next request with status 400.' },
  'hung-in-model':       { model: 'hangs',   toolHangs: false, openSpans: false, how: `${HANGS_IN_MODEL}; ${KILLED}` },
  'hung-in-tool':        { model: 'answers', toolHangs: true,  openSpans: false, how: `${HANGS_IN_TOOL}; ${KILLED}` },
  'hung-in-model-open':  { model: 'hangs',   toolHangs: false, openSpans: true,  how: `${OPEN} ${HANGS_IN_MODEL}; ${KILLED}` },
  'hung-in-tool-open':   { model: 'answers', toolHangs: true,  openSpans: true,  how: `${OPEN} ${HANGS_IN_TOOL}; ${KILLED}` },
  'hung-in-stream':      { model: 'stops',   toolHangs: false, openSpans: false, how: `${HANGS_IN_STREAM}; ${KILLED}` },
  'hung-in-stream-open': { model: 'stops',   toolHangs: false, openSpans: true,  how: `${OPEN} ${HANGS_IN_STREAM}; ${KILLED}` },
  'sub-agent':           { model: 'answers', toolHangs: false, openSpans: false, how: 'Its tool is another agent, which has the tool.' },
  'handoff':             { model: 'answers', toolHangs: false, openSpans: false, how: 'It is reached by a hand-off from another agent.' },
  'waiting':             { model: 'answers', toolHangs: false, openSpans: false, how: 'A person must approve the tool call, and is asked; the process ends in good order.' },
  'retry':               { model: 'falters', toolHangs: false, openSpans: false, how: 'The first request to the model is answered with status 500, and tried again.' },
}

export function hangs({ model, toolHangs }: Case): boolean {
  return toolHangs || model === 'hangs' || model === 'stops'
}

/** Set for the process that is recorded; the process that records has none. */
export const CASE_VARIABLE = 'LASTSTEP_RECORD_CASE'

export function isCaseName(name: string | undefined): name is CaseName {
  return name !== undefined && name in CASES
}

/** The case this process is recorded in; outside a recording all goes well. */
export function currentCaseName(): CaseName {
  const name = process.env[CASE_VARIABLE]
  return isCaseName(name) ? name : 'finished'
}

export function currentCase(): Case {
  return CASES[currentCaseName()]
}
