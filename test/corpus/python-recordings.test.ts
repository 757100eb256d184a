/** What every recording of a Python framework owes its readers, whatever framework it is of. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFrameworks } from './record_py/environment.ts'

const CASES = ['failed', 'finished', 'hung-in-model', 'hung-in-tool']
const BYTES_MAX = 60_000

describe.each(listFrameworks())('%s', (framework) => {
  const folder = join(import.meta.dirname, framework)
  const files = readdirSync(folder)
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))

  test('is recorded in every case', () => {
    expect(files.map((file) => file.replace('.json', ''))).toEqual(expect.arrayContaining(CASES))
  })

  test('is small', () => {
    expect(files.filter((file) => statSync(join(folder, file)).size > BYTES_MAX)).toEqual([])
  })

  test('names no folder of the machine that recorded it', () => {
    expect(texts.flatMap((text) => text.match(/\/(?:home|root|Users|tmp|work)\/[\w./-]*/g) ?? [])).toEqual([])
  })

  test('has ids in hex, as OTLP/JSON wants them', () => {
    const ids = texts.flatMap((text) => [...text.matchAll(/"(traceId|spanId|parentSpanId)":"([^"]*)"/g)])
    expect(ids.length).toBeGreaterThan(0)
    const digits: Readonly<Record<string, number>> = { traceId: 32, spanId: 16, parentSpanId: 16 }
    const wrong = ids.filter(([, name = '', id = '']) => !new RegExp(`^[0-9a-f]{${digits[name]}}$`).test(id))
    expect(wrong.map(([found]) => found)).toEqual([])
  })
})
