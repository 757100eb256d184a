import { expect, test } from 'vitest'
import { chooseProgressions, loadPreset } from '../../collector/assess/read-progression.ts'
import { openContracts } from '../../collector/contracts.ts'

const told: string[] = []
const contracts = openContracts(chooseProgressions(['ag-ui', 'laststep']), (name) => told.push(name))

// oxfmt-ignore
test.each([
  ['no name',            null,       'ag-ui'],
  ['the first',          'ag-ui',    'ag-ui'],
  ['another',            'laststep', 'laststep'],
  ['one nobody gave',    'a2a',      'ag-ui'],
])('telemetry that gives %s is judged by it, or by the first', (_what, name, judge) => {
  expect(contracts.of(name).name).toBe(judge)
})

test('a name that no contract has is told once, and remembered', () => {
  contracts.of('a2a')
  expect([told, contracts.unknown()]).toEqual([['a2a'], ['a2a']])
})

test('a sender that makes up names fills neither the log nor the memory', () => {
  for (let index = 0; index < 1_000; index++) contracts.of(`made-up-${index}`)
  expect(contracts.unknown()).toHaveLength(32)
  expect(told).toHaveLength(32)
})

test('the hash is that of all contracts: another set is another judge', () => {
  const one = openContracts([loadPreset('laststep')])
  expect(one.hash).toBe(loadPreset('laststep').hash)
  expect(contracts.hash).not.toBe(one.hash)
})
