/**
 * The same message, written as no usual writer writes it: fields in another order, and between them fields nobody knows
 * (numbers, bytes, groups within groups). Protobuf says that it means the same.
 */
import protobuf from 'protobufjs'

type Random = () => number

interface Field {
  readonly number: number
  readonly bytes: Buffer
}

export function scramble(type: protobuf.Type, bytes: Uint8Array, random: Random): Buffer {
  const fields = split(Buffer.from(bytes)).map(({ number, bytes }): Field => {
    const inner = type.fieldsById[number]?.resolve().resolvedType
    if (!(inner instanceof protobuf.Type)) return { number, bytes }
    const message = protobuf.Reader.create(bytes)
    message.uint32()
    return { number, bytes: field(number, scramble(inner, message.bytes(), random)) }
  })
  const parts: Buffer[] = []
  for (const { bytes } of shuffle(fields, random)) {
    if (random() < 0.2) parts.push(unknownField(random))
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}

function split(bytes: Buffer): Field[] {
  const reader = protobuf.Reader.create(bytes)
  const fields: Field[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    reader.skipType(tag & 7)
    fields.push({ number: tag >>> 3, bytes: bytes.subarray(start, reader.pos) })
  }
  return fields
}

/** Any order, except that the values of one repeated field stay in theirs. */
function shuffle(fields: readonly Field[], random: Random): Field[] {
  const queues = new Map<number, Field[]>()
  for (const field of fields) queues.set(field.number, [...(queues.get(field.number) ?? []), field])
  const order = fields.map(({ number }) => ({ number, at: random() })).toSorted((one, two) => one.at - two.at)
  return order.flatMap(({ number }) => queues.get(number)?.shift() ?? [])
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.from(
    protobuf.Writer.create()
      .uint32((number << 3) | 2)
      .bytes(bytes)
      .finish(),
  )
}

function unknownField(random: Random): Buffer {
  const writer = protobuf.Writer.create()
  const number = 2_000 + Math.floor(random() * 1_000)
  const tag = (wire: number): protobuf.Writer => writer.uint32((number << 3) | wire)
  switch (Math.floor(random() * 5)) {
    case 0:
      return Buffer.from(tag(0).int64(-1).finish())
    case 1:
      return Buffer.from(tag(1).fixed64(7).finish())
    case 2:
      return Buffer.from(tag(2).string('of the future').finish())
    case 3:
      return Buffer.from(tag(5).fixed32(7).finish())
    default:
      // A group that holds a group that holds a text.
      tag(3)
        .uint32((9 << 3) | 3)
        .uint32((1 << 3) | 2)
        .string('x')
        .uint32((9 << 3) | 4)
      return Buffer.from(tag(4).finish())
  }
}
