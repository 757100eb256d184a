/** The shop every recorded agent works for: who asks what, and the one tool there is. */
import { setTimeout } from 'node:timers/promises'
import { currentCase } from './cases.ts'

export const SERVICE = 'shop'
export const AGENT = 'support'
export const MODEL = 'gpt-5-mini'
export const INSTRUCTIONS = 'You answer questions about orders.'
export const QUESTION = 'Where is my order?'
export const SESSION = 's-1'
export const USER = 'u-1'

export const TOOL = 'search_orders'
export const TOOL_DESCRIPTION = 'Search the orders of a customer.'

/** What the tool does: answer, or never return, as the case says. */
export async function searchOrders(): Promise<string> {
  if (currentCase().toolHangs) await new Promise(() => {})
  // Long enough that the order of steps shows in their times, which JavaScript keeps to the millisecond.
  await setTimeout(20)
  return 'Order 17, shipped yesterday.'
}
