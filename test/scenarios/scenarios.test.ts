import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CAUSES } from '../../contract/statuses.ts'
import { playScenario } from '../kit/play-scenario.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.txt') && name !== 'README.txt')
const texts = new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]))

describe.each(names)('%s', (name) => {
  const text = texts.get(name) ?? ''
  test('played straight', () => playScenario(text, 'straight'))
  test('restarted from a checkpoint before every line', () => playScenario(text, 'restarting'))
  test('with every record arriving twice', () => playScenario(text, 'doubling'))
  test('with every run shelved before every line', () => playScenario(text, 'shelving'))
  test('shelved and restarted before every line', () => playScenario(text, 'shelving and restarting'))
})

describe('the player', () => {
  const opening = '0s p1 pulses every 5s\n0s r1 opens run research\n0s => r1 running\n1s r1 opens tool search\n'

  // oxfmt-ignore
  test.each([
    ['a status that is not foretold',  `${opening}10m nothing more`,                                      'not foretold: 61s => r1 slow'],
    ['a status that does not come',    `${opening}30s => r1 slow`,                                        'nothing changed'],
    ['another moment',                 `${opening}62s => r1 slow`,                                        'since is'],
    ['another step',                   `${opening}61s => r1 slow at tool › other`,                        'step is tool › search'],
    ['another cause',                  `${opening}61s => r1 slow, model-silent`,                          'cause is tool-silent'],
    ['other evidence',                 `${opening}61s => r1 slow, saying "the moon is full"`,             'the evidence says'],
    ['a sentence nobody knows',        `${opening}2s r1 sings`,                                           'not known'],
  ])('refuses %s', (_what, text, problem) => {
    expect(() => playScenario(text, 'straight')).toThrow(problem)
  })
})

/** Reasons the judge does not give yet, and what they wait for. */
const NOT_YET: Readonly<Record<string, string>> = {
  queued: 'a record of the queue a run waits in',
  'reasoning-loop': 'a liveness clock of its own on reasoning spans',
}

test('every cause has a scenario in which it is flagged', () => {
  const all = [...texts.values()].join('\n')
  const missing = CAUSES.filter((cause) => !new RegExp(`=> .*, ${cause}\\b`).test(all))
  expect(missing.toSorted()).toEqual(Object.keys(NOT_YET).toSorted())
})
