/** What every file of the corpus owes its readers, recorded or written. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listFolders } from './list-folders.ts'
import { makeFiles } from './write/make-files.ts'

const CASES = ['failed', 'finished', 'hung-in-model', 'hung-in-tool']
const BYTES_MAX = 60_000
/** A folder of a machine, not of a URL. */
const MACHINE_PATH = /(?<![\w.:/])\/(?:home|root|Users|tmp|work)\/[\w./-]*/g
const ID_DIGITS: Readonly<Record<string, number>> = { traceId: 32, spanId: 16, parentSpanId: 16 }

describe.each(listFolders())('%s', (framework) => {
  const folder = join(import.meta.dirname, framework)
  const files = readdirSync(folder)
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'))

  test('has every case, or the same with open spans', () => {
    const cases = new Set(files.map((file) => file.replace(/(-open)?\.json$/, '')))
    expect(CASES.filter((each) => !cases.has(each))).toEqual([])
  })

  test('is small', () => {
    expect(files.filter((file) => statSync(join(folder, file)).size > BYTES_MAX)).toEqual([])
  })

  test('names no folder of the machine that recorded it', () => {
    expect(texts.flatMap((text) => text.match(MACHINE_PATH) ?? [])).toEqual([])
  })

  test('has ids in hex, as OTLP/JSON wants them', () => {
    const ids = texts.flatMap((text) => [...text.matchAll(/"(traceId|spanId|parentSpanId)":\s*"([^"]*)"/g)])
    expect(ids.length).toBeGreaterThan(0)
    const wrong = ids.filter(([, name = '', id = '']) => !new RegExp(`^[0-9a-f]{${ID_DIGITS[name]}}$`).test(id))
    expect(wrong.map(([found]) => found)).toEqual([])
  })

  test('says whether it is recorded, and the README says the same', () => {
    const [word, another] = new Set(texts.map((text) => (isRecorded(text) ? 'recorded' : 'written')))
    expect(another).toBeUndefined()
    expect(ROWS.get(framework)).toBe(word)
  })
})

test('written files are as `npm run corpus:write` makes them', () => {
  const made = makeFiles()
  const written = listFolders()
    .flatMap((folder) => readdirSync(join(import.meta.dirname, folder)).map((file) => `${folder}/${file}`))
    .map((path) => [path, readFileSync(join(import.meta.dirname, path), 'utf8')] as const)
    .filter(([, text]) => !isRecorded(text))
  expect(new Map(written)).toEqual(made)
})

/** By folder, the third column of the README's table. */
const ROWS = new Map(
  [...readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').matchAll(/^\| `([\w-]+)` \|[^|]*\| (\w+) \|/gm)].map(
    ([, folder = '', how = '']) => [folder, how],
  ),
)

function isRecorded(text: string): boolean {
  return (JSON.parse(text) as { recorded: boolean }).recorded
}
