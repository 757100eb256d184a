import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulateUsers } from '../../tools/simulate-users.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startRuntimeProgram } from '../kit/programs.ts'
import { eventually } from '../kit/eventually.ts'

let receiver: OtlpReceiver

beforeAll(async () => {
  receiver = await startOtlpReceiver()
})
afterAll(() => receiver.stop())

test('users ask, resume after losing their connection, and come back when the runtime was restarted', async () => {
  let runtime = await startRuntimeProgram(receiver.url)
  // Befalls every run: with a share of them the test would wait for a lucky draw.
  const mix = { 'lost-connection': 1 }
  const users = simulateUsers({ runtimeUrl: () => runtime.http, usersCount: 4, mix, pauseMs: 100 })
  const attempts = () =>
    receiver.records('laststep.delivery').map(({ attributes }) => attributes['laststep.delivery.attempt'])
  // A second attempt is an event that was told again after a resume.
  await eventually(() => users.counts.completed >= 4 && attempts().includes(2))

  await runtime.kill()
  runtime = await startRuntimeProgram(receiver.url)
  const before = users.counts.completed
  await eventually(() => users.counts.completed > before)
  expect(users.summary()).toMatch(/^4 users · \d+ runs · \d+ completed/)
  await users.stop()
  await runtime.stop()
})
