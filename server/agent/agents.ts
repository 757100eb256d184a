/** The agents on offer: what each is told and which tools it holds. */

export interface AgentProfile {
  readonly instructions: string
  readonly tools: readonly string[]
}

const EVERYTHING = ['calculator', 'file_search', 'http_fetch', 'slow_report'] as const

export const AGENTS: Readonly<Record<string, AgentProfile>> = {
  assistant: { instructions: 'You help with whatever is asked, briefly.', tools: EVERYTHING },
  research: {
    instructions: 'You look things up and quote what you found.',
    tools: ['file_search', 'http_fetch', 'slow_report'],
  },
  analyst: {
    instructions: 'You work with numbers and show the result.',
    tools: ['calculator', 'file_search', 'slow_report'],
  },
}

export const DEFAULT_AGENT = 'assistant'
