import { describe, expect, test } from 'vitest'
import { loadPreset } from '../../../collector/assess/read-progression.ts'
import { checkOrder } from '../../../tools/probe/check-order.ts'
import type { SeenEvent } from '../../../tools/probe/run-view.ts'

/** `3 tool_executing/c1`: number, event, call; `end` marks what follows it as late. */
function play(text: string): SeenEvent[] {
  let isAfterEnd = false
  return text.split(', ').flatMap((part) => {
    if (part === 'end') {
      isAfterEnd = true
      return []
    }
    const [, seq, event = '', callId = null] = /^(?:(\d+) )?([^/]+)(?:\/(.+))?$/.exec(part) ?? []
    const times = { at: 0, afterMs: 0, waitedMs: 0, limitMs: null }
    return [{ event, seq: seq === undefined ? null : Number(seq), callId, text: null, ...times, isAfterEnd }]
  })
}

describe('the order of a run', () => {
  // oxfmt-ignore
  test.each([
    ['laststep',  'all as it should be',   '1 run_accepted, 2 agent_started, 3 tool_executing/a, 4 tool_completed/a, 5 agent_completed', []],
    ['laststep',  'a call that failed',    '1 agent_started, 2 tool_executing/a, 3 tool_error/a, 4 agent_completed', []],
    ['laststep',  'two calls at once',     '1 agent_started, 2 tool_executing/a, 3 tool_executing/b, 4 tool_completed/a, 5 tool_completed/b', []],
    ['laststep',  'one missing',           '1 run_accepted, 3 agent_thinking, 4 agent_started', ['agent_thinking is number 3, right after 1: 2 is missing', 'agent_thinking came before agent_started']],
    ['laststep',  'several missing',       '1 agent_started, 5 agent_completed', ['agent_completed is number 5, right after 1: 2 to 4 are missing']],
    ['laststep',  'the first missing',     '2 agent_started, 3 agent_completed', ['agent_started is number 2, and nothing came before it']],
    ['laststep',  'twice',                 '1 agent_started, 1 agent_started, 2 agent_completed', ['agent_started is number 1, right after 1: it came twice']],
    ['laststep',  'swapped',               '1 agent_started, 3 agent_completed, 2 agent_thinking', ['agent_completed is number 3, right after 1: 2 is missing', 'agent_thinking is number 2, right after 3: it came out of order']],
    ['laststep',  'outside the numbering', '1 agent_started, heartbeat, 2 agent_completed', []],
    ['laststep',  'closed, never opened',  '1 agent_started, 2 tool_completed/a, 3 agent_completed', ['tool_completed of a came, and nothing had opened it']],
    ['laststep',  'the wrong one closed',  '1 agent_started, 2 tool_executing/a, 3 tool_completed/b', ['tool_completed of b came, and nothing had opened it']],
    ['laststep',  'something after the end', '1 agent_started, 2 agent_completed, end, 3 agent_thinking', ['agent_thinking came after the run had ended']],
    ['laststep',  'life after the end',    '1 agent_started, 2 agent_completed, end, heartbeat', []],
    ['laststep',  'rejected',              'run_rejected', []],
    ['laststep',  'failed before its start', '1 run_accepted, 2 agent_error', []],
    ['vercel-ui', 'a call that never was', 'start, tool-input-start, tool-input-error/a, finish', []],
    ['openai-responses', 'turns count anew', '0 response.created, 1 response.in_progress, 2 response.completed, 0 response.created, 1 response.in_progress', []],
    ['openai-responses', 'but not within', '0 response.created, 1 response.in_progress, 3 response.completed', ['response.completed is number 3, right after 1: 2 is missing']],
    ['a2a',       'no start to wait for',  'status_update:WORKING, artifact_update, status_update:COMPLETED', []],
  ] as const)('%s: %s', (preset, _what, seen, problems) => {
    expect(checkOrder(play(seen), loadPreset(preset))).toEqual(problems)
  })
})
