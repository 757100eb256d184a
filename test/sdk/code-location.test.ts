import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import type { OtlpReceiver } from '../kit/otlp-receiver.ts'
import { readTracesData, startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { programPath, runProgram } from './kit.ts'

const FILE = 'test/sdk/programs/locations.ts'
const lines = readFileSync(programPath('locations.ts'), 'utf8').split('\n')
const line = (mark: string) => lines.findIndex((text) => text.endsWith(`// LINE ${mark}`)) + 1

let receiver: OtlpReceiver

beforeEach(async () => {
  receiver = await startOtlpReceiver()
})

afterEach(() => receiver.stop())

/** File, line and function by span name. */
async function locations(codeLocation: string) {
  const { code, stderr, stdout } = await runProgram('locations.ts', receiver.url, {
    env: { LASTSTEP_TEST_CODE: codeLocation },
  })
  expect([code, stderr]).toEqual([0, ''])
  const spans = receiver.records(RECORD.spanStart).flatMap((record) => readTracesData(record.body ?? ''))
  const located = spans.map(({ name, attributes }) => [
    name,
    [attributes[ATTR.codeFile], attributes[ATTR.codeLine], attributes[ATTR.codeFunction]],
  ])
  return { byName: Object.fromEntries(located) as Record<string, unknown[]>, short: JSON.parse(stdout) as object }
}

describe.each(['open', 'always'])('code location %s', (codeLocation) => {
  test('open spans know the line of the user that started them', async () => {
    const { byName, short } = await locations(codeLocation)
    expect(byName).toEqual({
      'in a function': [FILE, line('function'), 'open'],
      'in a method': [FILE, line('method'), 'Orchestrator.begin'],
      'the user knows better': ['theirs.py', 544, undefined],
      'invoke_agent helper': [FILE, lines.findIndex((text) => text.includes('await recordRun(')) + 1, undefined],
      'execute_tool search': [FILE, line('phase'), undefined],
    })
    expect(short).toEqual(codeLocation === 'always' ? { [ATTR.codeFile]: FILE, [ATTR.codeLine]: line('short') } : {})
  })
})

test('switched off, no span is touched', async () => {
  const { byName } = await locations('off')
  expect(byName['in a function']).toEqual([undefined, undefined, undefined])
})
