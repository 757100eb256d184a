/** The reference runtime as a process of its own, for all tests of a file, and a receiver for what it tells. */
import { afterAll, beforeAll } from 'vitest'
import { connectUser, fetchToken, type UserClient, type UserClientSettings } from '../../tools/user-client.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'
import { startRuntimeProgram, type RuntimeProgram } from '../kit/programs.ts'

export interface StartedRuntime {
  readonly receiver: OtlpReceiver
  readonly program: RuntimeProgram
  /** A client that is gone after the tests, if not before. */
  connect(user: string, settings?: Partial<UserClientSettings>): Promise<UserClient>
  /** All that was told of one connection, in order. */
  connectionRecords(connectionId: unknown): readonly Readonly<Record<string, unknown>>[]
}

/** Call it at the top of a test file. */
export function startRuntime(args: readonly string[] = []): StartedRuntime {
  let receiver: OtlpReceiver
  let program: RuntimeProgram
  const clients: UserClient[] = []

  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    program = await startRuntimeProgram(receiver.url, args)
  })
  afterAll(async () => {
    for (const client of clients) client.drop()
    await program.stop()
    await receiver.stop()
  })

  return {
    get receiver() {
      return receiver
    },
    get program() {
      return program
    },
    async connect(user, settings) {
      const client = await connectTo(program, user, settings)
      clients.push(client)
      return client
    },
    connectionRecords: (connectionId) =>
      receiver
        .records('laststep.connection')
        .map(({ attributes }) => attributes)
        .filter((attributes) => attributes['laststep.connection.id'] === connectionId),
  }
}

export async function connectTo(
  program: RuntimeProgram,
  user: string,
  settings: Partial<UserClientSettings> = {},
): Promise<UserClient> {
  return connectUser({ url: program.ws, token: await fetchToken(program.http, user), ...settings })
}
