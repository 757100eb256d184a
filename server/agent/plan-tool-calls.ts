/** Which tools the scripted model calls for a request, read from the request's words. */

export interface PlannedCall {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  /** What the model says to itself before the call. */
  readonly thought: string
}

const EXPRESSION = /[\d(][\d\s.+\-*/%^()]*[+\-*/%^][\d\s.+\-*/%^()]*[\d)]/
/** Without the full stop or comma of the sentence around it. */
const URL_TEXT = /https?:\/\/[^\s"'<>]*[^\s"'<>.,;!?]/
const GREETING = /^\s*(hi|hello|hey|thanks|thank you|good (morning|evening))\b/i

/**
 * In the order of the rows; a request that names nothing is looked up in the documents, a greeting needs no tool.
 * @param tools names of the tools on offer; calls of others are left out
 */
export function planToolCalls(request: string, instructions: string, tools: readonly string[]): PlannedCall[] {
  const expression = EXPRESSION.exec(request.replace(URL_TEXT, ''))?.[0]
  const url = URL_TEXT.exec(request)?.[0] ?? URL_TEXT.exec(instructions)?.[0]
  const topic = request.trim().slice(0, 200)
  const calls: (PlannedCall | false | undefined)[] = [
    expression !== undefined && {
      tool: 'calculator',
      input: { expression: expression.trim() },
      thought: `There is arithmetic in this: ${expression.trim()}. I should not do that in my head, so I will calculate it.`,
    },
    url !== undefined &&
      /\b(fetch|https?|status|health|page)\b/i.test(request) && {
        tool: 'http_fetch',
        input: { url },
        thought: `The answer is behind an address. I will fetch ${url} and read what it says before I answer.`,
      },
    /\b(report|weekly|trends?|figures)\b/i.test(request) && {
      tool: 'slow_report',
      input: { topic },
      thought:
        'This asks for a report. It takes a few seconds to put together, section by section, so I start at once.',
    },
    /\b(find|search|look up|documents?|handbook|how|what|why|who|where|policy)\b/i.test(request) &&
      expression === undefined && {
        tool: 'file_search',
        input: { query: topic, limit: 3 },
        thought: 'The handbook should know about this. I will search it for the words of the question first.',
      },
  ]
  const offered = calls.filter((call): call is PlannedCall => !!call && tools.includes(call.tool))
  if (offered.length > 0 || GREETING.test(request) || !tools.includes('file_search')) return offered
  return [
    {
      tool: 'file_search',
      input: { query: topic, limit: 3 },
      thought: 'Nothing special is named, so I look in the handbook.',
    },
  ]
}
