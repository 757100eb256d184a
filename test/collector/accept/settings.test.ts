/** The doors' settings: their defaults, and what is said of bad ones. */
import { expect, test } from 'vitest'
import { readCollectorConfig, type SettingValues } from '../../../collector/config.ts'

function read(flags: SettingValues, environment: Record<string, string> = {}) {
  const config = readCollectorConfig(flags, environment)
  return 'config' in config ? config.config : config.problems
}

test('by default: the ports of OpenTelemetry, and no page of another origin', () => {
  expect(read({})).toMatchObject({
    otlpHttpPort: 4318,
    otlpGrpcPort: 4317,
    corsOrigins: [],
    bodyBytesMax: 64 * 2 ** 20,
  })
})

test('origins come as a list, from a flag or the environment', () => {
  const corsOrigins = ['https://app.example.com', 'http://localhost:5173']
  expect(read({ 'cors-origin': corsOrigins.join(', ') })).toMatchObject({ corsOrigins })
  expect(read({}, { LASTSTEP_CORS_ORIGIN: corsOrigins.join() })).toMatchObject({ corsOrigins })
})

test('contracts come as a list, in the order in which they were given', () => {
  expect(read({})).toMatchObject({ contracts: [] })
  expect(read({ contract: 'ag-ui, mine.yaml' })).toMatchObject({ contracts: ['ag-ui', 'mine.yaml'] })
  expect(read({}, { LASTSTEP_CONTRACT: 'a2a' })).toMatchObject({ contracts: ['a2a'] })
})

test.each([
  '*',
  'https://*.example.com',
  'app.example.com',
  'https://app.example.com/',
  'null',
  'HTTPS://app.example.com',
])('the origin %s is refused: only exact ones are', (origin) => {
  expect(read({ 'cors-origin': origin })).toEqual([expect.stringContaining(`not "${origin}"`)])
})

// oxfmt-ignore
test.each([
  ['HTTP and gRPC',      { 'otlp-http-port': '5000', 'otlp-grpc-port': '5000' }, '--otlp-http-port and --otlp-grpc-port are both 5000'],
  ['dashboard and gRPC', { 'http-port': '4317' },                                '--http-port and --otlp-grpc-port are both 4317'],
  ['no port at all',     { 'otlp-grpc-port': 'x' },                              '--otlp-grpc-port must be a whole number'],
])('%s', (_what, flags, problem) => {
  expect(read(flags)).toEqual([expect.stringContaining(problem)])
})

test('what a stall costs needs a unit, and either value is enough', () => {
  expect(read({})).toMatchObject({ impact: null })
  expect(read({ 'impact-per-run': '2.50', 'impact-unit': 'EUR' })).toMatchObject({
    impact: { perRun: 2.5, perUser: 0, unit: 'EUR' },
  })
  expect(read({ 'impact-per-run': '2.50' })).toEqual([expect.stringContaining('need --impact-unit')])
  expect(read({ 'impact-per-user': '-1', 'impact-unit': 'EUR' })).toEqual([
    expect.stringContaining('--impact-per-user must be a number from 0'),
  ])
  const environment = { LASTSTEP_IMPACT_PER_USER: '3', LASTSTEP_IMPACT_UNIT: 'minutes' }
  expect(read({}, environment)).toMatchObject({ impact: { perRun: 0, perUser: 3, unit: 'minutes' } })
})

test('any free port may be asked for more than once', () => {
  expect(read({ 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0' })).toMatchObject({ otlpGrpcPort: 0 })
})

test('the canary flies unless it is told not to, and the dead man is asked for', () => {
  expect(read({})).toMatchObject({ canary: true, deadManUrl: null })
  expect(read({ canary: 'off' })).toMatchObject({ canary: false })
  expect(read({}, { LASTSTEP_CANARY: 'off' })).toMatchObject({ canary: false })
  expect(read({ canary: 'no' })).toEqual(['--canary must be on or off, not "no"'])
  const deadManUrl = 'https://hc-ping.com/abc'
  expect(read({}, { LASTSTEP_DEADMAN_URL: deadManUrl })).toMatchObject({ deadManUrl })
  expect(read({ 'deadman-url': 'hc-ping.com' })).toEqual([
    '--deadman-url must be an http or https URL, not "hc-ping.com"',
  ])
})
