/** A reporter for each test, and what the collector would hear of the messages and connections it records. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createReporter, type Reporter } from '../../sdk/index.ts'
import { eventually } from '../kit/eventually.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../kit/otlp-receiver.ts'

type Attributes = Readonly<Record<string, unknown>>

export interface Told {
  readonly states: readonly string[]
  readonly attributes: Attributes
  readonly spanId: string | undefined
}

export interface Heard {
  readonly reporter: Reporter
  /** What was told of one message over one connection. */
  told(id: string | null, seq: number, attempt?: number): Told
  /** The same once the message has reached a state. */
  reaches(id: string | null, seq: number, state: string, attempt?: number): Promise<Told>
  /** Of all messages, of whatever run. */
  deliveries(id: string | null): readonly Attributes[]
  connections(id: string | null): readonly Attributes[]
  connectionIds(): readonly string[]
  /** How the end of a connection was told. */
  closeOf(id: string | null): Promise<Attributes>
}

/** Call it at the top of a test file; its reporter stops after the file's own `afterEach`. */
export function hearReporter(): Heard {
  let receiver: OtlpReceiver
  let reporter: Reporter

  beforeAll(async () => {
    receiver = await startOtlpReceiver()
  })
  afterAll(() => receiver.stop())
  beforeEach(() => {
    reporter = createReporter({ endpoint: receiver.url, serviceName: 'wrapped', pulseMs: 0, flushMs: 20 })
  })
  afterEach(() => reporter.stop())

  const recordsOf = (event: string, id: string | null) =>
    receiver.records(event).filter(({ attributes }) => (attributes['laststep.connection.id'] ?? null) === id)

  const told = (id: string | null, seq: number, attempt = 1): Told => {
    const records = recordsOf('laststep.delivery', id).filter(({ attributes }) => {
      const isIt = attributes['laststep.delivery.seq'] === seq && attributes['laststep.delivery.attempt'] === attempt
      return isIt && attributes['laststep.delivery.epoch'] === reporter.instanceId
    })
    return {
      states: records.flatMap(({ attributes }) => attributes['laststep.delivery.states'] as string[]),
      attributes: Object.assign({}, ...records.toReversed().map(({ attributes }) => attributes)),
      spanId: records[0]?.spanId,
    }
  }

  const connections = (id: string | null) => recordsOf('laststep.connection', id).map(({ attributes }) => attributes)

  return {
    get reporter() {
      return reporter
    },
    told,
    reaches: (id, seq, state, attempt = 1) =>
      eventually(() => {
        const found = told(id, seq, attempt)
        return found.states.includes(state) && found
      }),
    deliveries: (id) => recordsOf('laststep.delivery', id).map(({ attributes }) => attributes),
    connections,
    connectionIds: () =>
      receiver.records('laststep.connection').map(({ attributes }) => String(attributes['laststep.connection.id'])),
    closeOf: (id) =>
      eventually(() => connections(id).find((attributes) => attributes['laststep.connection.state'] === 'closed')),
  }
}
