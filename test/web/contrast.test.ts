/** The token table keeps its promise: every text and every status colour is readable on every surface, in both themes. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('../../web/style/tokens.css', import.meta.url), 'utf8')
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\)/g)].map(([, name, light, dark]) => [
    name,
    [light, dark] as const,
  ]),
)
const SURFACES = ['bg', 'surface', 'surface-2', 'hover', 'sel']
const STATUSES = ['running', 'slow', 'stalled', 'failed', 'completed', 'undelivered', 'cancelled', 'lost', 'waiting']

for (const theme of ['light', 'dark'] as const) {
  test(`text is at least 4.5:1 on every surface, ${theme}`, () => {
    for (const surface of [...SURFACES, 'tint-stalled', 'tint-failed', 'tint-slow', 'tint-undelivered', 'tint-lost'])
      for (const ink of ['ink', 'ink-2'])
        expect(contrast(ink, surface, theme), `${ink} on ${surface}`).toBeGreaterThan(4.5)
    for (const surface of SURFACES.slice(0, 4))
      for (const ink of ['ink-3', 'accent'])
        expect(contrast(ink, surface, theme), `${ink} on ${surface}`).toBeGreaterThan(4.5)
  })

  test(`status shapes and control borders are at least 3:1, ${theme}`, () => {
    for (const surface of SURFACES)
      for (const status of STATUSES)
        expect(contrast(status, surface, theme), `${status} on ${surface}`).toBeGreaterThan(3)
    for (let line = 1; line <= 8; line++)
      expect(contrast(`series-${line}`, 'surface', theme), `line ${line}`).toBeGreaterThan(4.5)
    expect(contrast('line-strong', 'surface', theme)).toBeGreaterThan(3)
  })

  test(`phases are one colour that goes one way, each step to be told from the next, ${theme}`, () => {
    const steps = Array.from({ length: 7 }, (_, index) => `phase-${index + 1}`)
    const lights = steps.map((step) => luminance(colour(step, theme)))
    const sorted = lights.toSorted((a, b) => (theme === 'light' ? b - a : a - b))
    expect(lights).toEqual(sorted)
    for (const [index, step] of steps.slice(1).entries())
      expect(contrast(steps[index] ?? '', step, theme), step).toBeGreaterThan(1.2)
  })

  test(`words on filled chips are at least 4.5:1, ${theme}`, () => {
    expect(contrast('on-solid', 'stalled', theme)).toBeGreaterThan(4.5)
    expect(contrast('on-solid', 'failed', theme)).toBeGreaterThan(4.5)
    expect(contrast('on-accent', 'accent', theme)).toBeGreaterThan(4.5)
  })
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string, theme: 'light' | 'dark'): number {
  const [high, low] = [luminance(colour(a, theme)), luminance(colour(b, theme))].sort((x, y) => y - x)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

function colour(name: string, theme: 'light' | 'dark'): string {
  const pair = tokens.get(name)
  if (!pair) throw new Error(`tokens.css has no --${name} with two colours`)
  return pair[theme === 'light' ? 0 : 1] ?? ''
}

function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replace(/[0-9a-f]/g, '$&$&') : hex
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(full.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
