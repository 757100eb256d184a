/** What an engineer asks of a span first, by its names on the wire. Apart, since pages know no others. */
export const SPAN_ATTR = {
  phase: 'laststep.phase',
  agent: 'gen_ai.agent.name', // development
  operation: 'gen_ai.operation.name', // development
  toolName: 'gen_ai.tool.name', // development
  toolCallId: 'gen_ai.tool.call.id', // development
  model: 'gen_ai.request.model', // development
  codeFile: 'code.file.path',
  codeLine: 'code.line.number',
  codeFunction: 'code.function.name',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  errorType: 'error.type',
} as const
