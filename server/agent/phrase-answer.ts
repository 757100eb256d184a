/** The scripted model's answer: what the tools gave, as sentences. */
import { z } from 'zod'

export interface ToolOutput {
  readonly tool: string
  readonly output: unknown
}

/** How each tool's output reads aloud. An output of another shape, such as an error's text, is quoted as it is. */
const PHRASES = {
  calculator: z
    .object({ expression: z.string(), value: z.number() })
    .transform(({ expression, value }) => `${expression} = ${value}.`),
  file_search: z
    .object({ passages: z.array(z.object({ heading: z.string(), text: z.string() })) })
    .transform(({ passages: [best] }) =>
      best ? `${best.heading}: ${best.text}` : 'The handbook says nothing about it.',
    ),
  http_fetch: z
    .object({ status: z.number(), body: z.string() })
    .transform(({ status, body }) => `The page answered ${status}: ${body.slice(0, 200)}.`),
  slow_report: z
    .object({ topic: z.string(), sections: z.array(z.string()) })
    .transform(({ topic, sections }) => `The report on "${topic}" is ready, with ${sections.length} sections.`),
} as const

const QUOTE_CHARS_MAX = 300

export function phraseAnswer(request: string, outputs: readonly ToolOutput[]): string {
  if (outputs.length === 0) return `You wrote "${request.slice(0, 120)}". Ask me to calculate, search, fetch or report.`
  return outputs.map(phrase).join(' ')
}

function phrase({ tool, output }: ToolOutput): string {
  const read = isKnownTool(tool) ? PHRASES[tool].safeParse(output) : null
  if (read?.success) return read.data
  return `${tool} says: ${(typeof output === 'string' ? output : JSON.stringify(output)).slice(0, QUOTE_CHARS_MAX)}.`
}

function isKnownTool(tool: string): tool is keyof typeof PHRASES {
  return Object.hasOwn(PHRASES, tool)
}
