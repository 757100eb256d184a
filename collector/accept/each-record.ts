/** The hot path's walk from the request down to its records: resources, scopes, records. The same for spans and logs. */
import { ATTR } from '../../contract/attributes.ts'
import type { Source } from '../signal.ts'
import { byLength, readKnown, type KnownValues } from './known-attributes.ts'
import { KNOWN_VALUE_MAX, NAME_MAX } from './limits.ts'
import { REQUEST, RESOURCE, RESOURCE_RECORDS, SCOPE, SCOPE_RECORDS } from './otlp-tags.ts'
import { sourceOf } from './plain-values.ts'
import type { ProtobufCursor } from './protobuf-cursor.ts'

/**
 * Calls `read` with the cursor inside each record, with who speaks in it and with the name of its scope.
 * @throws MalformedBody
 */
export function eachRecord(cursor: ProtobufCursor, read: ReadRecord): void {
  while (cursor.hasMore()) {
    if (cursor.tag() !== REQUEST.resources) {
      cursor.skip()
      continue
    }
    const request = cursor.enter()
    // Protobuf lets fields come in any order, so the resource is looked for before its records are read.
    const start = cursor.at
    const source = findSource(cursor)
    cursor.backTo(start)
    while (cursor.hasMore()) {
      if (cursor.tag() === RESOURCE_RECORDS.scopes) eachRecordOfScope(cursor, source, read)
      else cursor.skip()
    }
    cursor.leave(request)
  }
}

export type ReadRecord = (source: Source, scope: string) => void

function eachRecordOfScope(cursor: ProtobufCursor, source: Source, read: ReadRecord): void {
  const resource = cursor.enter()
  const start = cursor.at
  const name = findScopeName(cursor)
  cursor.backTo(start)
  while (cursor.hasMore()) {
    if (cursor.tag() !== SCOPE_RECORDS.records) {
      cursor.skip()
      continue
    }
    const scope = cursor.enter()
    read(source, name)
    cursor.leave(scope)
  }
  cursor.leave(resource)
}

const SOURCE_KEYS = byLength([
  ATTR.serviceName,
  ATTR.serviceVersion,
  ATTR.environment,
  ATTR.serviceInstanceId,
  ATTR.workingDirectory,
  ATTR.contract,
])

function findScopeName(cursor: ProtobufCursor): string {
  let name = ''
  while (cursor.hasMore()) {
    if (cursor.tag() !== SCOPE_RECORDS.scope) {
      cursor.skip()
      continue
    }
    const outer = cursor.enter()
    while (cursor.hasMore()) {
      if (cursor.tag() === SCOPE.name) name = cursor.text(NAME_MAX)
      else cursor.skip()
    }
    cursor.leave(outer)
  }
  return name
}

function findSource(cursor: ProtobufCursor): Source {
  const found: KnownValues = {}
  while (cursor.hasMore()) {
    if (cursor.tag() !== RESOURCE_RECORDS.resource) {
      cursor.skip()
      continue
    }
    const outer = cursor.enter()
    while (cursor.hasMore()) {
      if (cursor.tag() === RESOURCE.attributes) readKnown(cursor, SOURCE_KEYS, found, KNOWN_VALUE_MAX)
      else cursor.skip()
    }
    cursor.leave(outer)
  }
  return sourceOf(found)
}
