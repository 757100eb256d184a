/** The catalogue holds together: with the runtime's faults, with the page for readers, and with itself. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FAULTS, FAULT_NAMES } from '../../server/fault.ts'
import { CATALOGUE, pickModes } from '../../tools/lab/catalogue/catalogue.ts'
import { isAbsent, isMade, isOfConnections } from '../../tools/lab/mode.ts'
import { STALLS_PAGE, writeStalls } from '../../tools/lab/write-stalls.ts'

const ROOT = join(import.meta.dirname, '..', '..')

test('every failure mode from F01 to F61 is there, in order', () => {
  const ids = [...new Set(CATALOGUE.map(({ id }) => id))]
  expect(ids).toEqual(Array.from({ length: 61 }, (_, index) => `F${String(index + 1).padStart(2, '0')}`))
  expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length)
})

test('the five of the origin story are among them', () => {
  const origin = CATALOGUE.filter(({ isOrigin }) => isOrigin)
  expect(origin.map(({ name }) => name)).toEqual([
    'silent-rejection',
    'removed-singleton',
    'factory-import-error',
    'wrong-ids',
    'false-completion',
  ])
  expect(origin.every(isMade)).toBe(true)
})

test('every fault of the runtime belongs to the mode whose number it bears', () => {
  const homes = FAULT_NAMES.map((fault) => {
    const id = FAULTS[fault].slice(0, 3)
    const isPlayed = CATALOGUE.some(
      (mode) => mode.id === id && (isMade(mode) || isOfConnections(mode)) && mode.made.fault === fault,
    )
    // A fault that can be made and not be judged is named in the reason why.
    const isNamed = CATALOGUE.some(
      (mode) => mode.id === id && isAbsent(mode) && mode.made.whyNot.includes(`\`${fault}\``),
    )
    return [fault, isPlayed || isNamed]
  })
  expect(homes.filter(([, isHome]) => !isHome)).toEqual([])
})

test('files that a verdict must name exist', () => {
  for (const { made } of CATALOGUE.filter(isMade))
    if (made.expected.file !== undefined) expect(() => readFileSync(join(ROOT, made.expected.file ?? ''))).not.toThrow()
})

test('docs/STALLS.md says what the catalogue says; `npm run stalls` writes it', () => {
  expect(readFileSync(STALLS_PAGE, 'utf8')).toBe(writeStalls())
})

test('modes are picked by number and by name, once each, in the order of the catalogue', () => {
  expect(pickModes(['hung-tool', 'f14', 'F14']).map(({ name }) => name)).toEqual([
    'removed-singleton',
    'factory-import-error',
    'hung-tool',
  ])
  expect(pickModes([])).toBe(CATALOGUE)
})
