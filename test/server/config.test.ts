import { describe, expect, test } from 'vitest'
import { readRuntimeConfig } from '../../server/config.ts'

const configOf = (args: string[], environment: Record<string, string> = {}) => {
  const read = readRuntimeConfig(args, environment)
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return read.config
}

describe('the settings of the runtime', () => {
  test('have defaults for everything', () => {
    expect(configOf([])).toMatchObject({ host: '127.0.0.1', port: 4320, secret: null, model: null, faults: [] })
  })

  test('come from flags first, then from the environment', () => {
    const config = configOf(['--port', '0'], { LASTSTEP_PORT: '7', LASTSTEP_OTLP: 'http://127.0.0.1:9/' })
    expect(config).toMatchObject({ port: 0, otlp: 'http://127.0.0.1:9' })
  })

  test('know a model only with its name', () => {
    const environment = {
      LASTSTEP_MODEL_URL: 'http://127.0.0.1:9/v1',
      LASTSTEP_MODEL_NAME: 'tiny',
      LASTSTEP_MODEL_KEY: 'k',
    }
    expect(configOf([], environment).model).toEqual({ url: 'http://127.0.0.1:9/v1', key: 'k', name: 'tiny' })
  })

  test('read a fault with its probability', () => {
    expect(configOf(['--fault', 'hung-tool:0.25']).faults).toEqual([{ name: 'hung-tool', probability: 0.25 }])
  })

  test('tell every problem at once', () => {
    const args = [
      '--port',
      '70000',
      '--otlp',
      'nowhere',
      '--fault',
      'gremlin',
      '--model-url',
      'http://m/',
      '--log',
      'loud',
    ]
    const read = readRuntimeConfig(args, {})
    const problems = 'problems' in read ? read.problems.join('\n') : ''
    expect(problems.split('\n')).toHaveLength(5)
    for (const problem of [
      '--otlp must be an http or https URL, not "nowhere"',
      '--model-url needs --model-name',
      '--log must be one of trace, debug',
      '--port must be a whole number from 0 to 65535, not "70000"',
      '--fault "gremlin" is unknown; known: silent-rejection, not-forwarded',
    ])
      expect(problems).toContain(problem)
  })

  test('do not guess at an unknown flag', () => {
    const read = readRuntimeConfig(['--prot', '1'], {})
    expect('problems' in read && read.problems[0]).toMatch(/--prot/)
  })
})
