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
    ['another limit',                  `${opening}61s => r1 slow, within 30s by contract`,                'limit is 300s'],
    ['another origin of the limit',    `${opening}61s => r1 slow, within 300s by somebody`,               'limit comes is contract'],
    ['another number of samples',      `${opening}61s => r1 slow, within 300s by contract, from 50 samples`, 'samples is 0'],
    ['a stall that was none',          `${opening}61s => r1 slow, after stalling at tool › search for 60s`,  'past stall is null'],
    ['another length of a stall',      `${opening}61s => r1 slow\n301s => r1 stalled, tool-silent\n302s r1 closes tool search\n302s => r1 running, after stalling at tool › search for 300s`, 'past stall is stalling at tool › search for 301s'],
    ['a crowd that is slow',           `0s support has 2 runs of tool search taking 2m\n90s nothing more`, 'one of a crowd 0 slow'],
    ['a sentence nobody knows',        `${opening}2s r1 sings`,                                           'not known'],
  ])('refuses %s', (_what, text, problem) => {
    expect(() => playScenario(text, 'straight')).toThrow(problem)
  })
})

describe.each(CAUSES)('%s', (cause) => {
  test('has a scenario of its name in which it is flagged', () => {
    expect(texts.get(`${cause}.txt`)).toMatch(new RegExp(`=> r\\d+ (stalled|lost|undelivered|failed)\\b.*, ${cause}\\b`))
  })

  test('has a near miss, in which nobody is flagged', () => {
    const text = texts.get(`${cause}-near-miss.txt`) ?? ''
    expect(text).toMatch(new RegExp(`^# Near miss of ${cause}: `))
    expect(text).not.toMatch(/=> r\d+ (stalled|lost|undelivered)\b/)
    expect(text).not.toMatch(new RegExp(`=> r\\d+ failed\\b.*, ${cause}\\b`))
  })
})

test('a near miss says of what, and is named so', () => {
  const said = [...texts].filter(([, text]) => text.startsWith('# Near miss of ')).map(([name]) => name)
  expect(said).toEqual(names.filter((name) => name.endsWith('-near-miss.txt')))
})
