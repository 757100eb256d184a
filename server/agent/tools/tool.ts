/** A tool as the agents know it, free of any agent framework. */
import { codeAttributes } from '@laststep/sdk'
import type { Attributes } from '@opentelemetry/api'
import type { z } from 'zod'
import type { Clock } from '../../../contract/clock.ts'

export interface ToolUse {
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Tell the user how far a long call is, in the tool's own steps. */
  progress(done: number, of: number, note: string): void
}

export interface AgentTool {
  readonly name: string
  readonly description: string
  readonly input: z.ZodType
  /** Where the tool is written down, for its spans: all tools are called from one line. */
  readonly code: Attributes
  /** @throws Error with a sentence the model can act on, also when the input does not fit */
  call(input: unknown, use: ToolUse): Promise<unknown>
}

/** A tool from its schema and a function that may trust it. */
export function defineTool<Input>({ run, ...tool }: ToolDefinition<Input>): AgentTool {
  return { ...tool, code: codeAttributes(defineTool), call: async (input, use) => run(tool.input.parse(input), use) }
}

interface ToolDefinition<Input> extends Omit<AgentTool, 'call' | 'code' | 'input'> {
  readonly input: z.ZodType<Input>
  run(input: Input, use: ToolUse): Promise<unknown>
}
