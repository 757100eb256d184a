/**
 * A code location as the fingerprint reads it: what stays the same wherever a program was built or put, and when a line
 * is added above. File and function; the line only where no function is named.
 */
import type { CodeLocation } from '../contract/runs.ts'

/** `src/tools/search.ts › search`, `src/agent/loop.ts:141`. */
export function codeKeyOf({ file, line, function: name }: CodeLocation): string {
  const path = plainPath(file)
  if (name !== null && !isNameless(name)) return `${path} › ${withoutIds(name)}`
  return line === null ? path : `${path}:${line}`
}

/** Where sources of one program begin, whatever lies above. The last one that is found counts: packages lie in packages. */
const PACKAGES = /^.*\/((?:node_modules|site-packages|dist-packages)\/.*)$/
const SOURCES = /^.*?\/((?:src|lib|dist|build|out)\/.*)$/
/** Above these, of an absolute path without either, is where somebody put the program. */
const PARTS_KEPT = 2

function plainPath(file: string): string {
  const bare = file
    .replace(/^[a-z][a-z+.-]+:\/{2,3}/i, '/')
    .replace(/[?#].*$/, '')
    .replaceAll('\\', '/')
  const isAbsolute = /^(\/|[a-z]:\/)/i.test(bare)
  return withoutIds(isAbsolute ? withoutRoot(bare) : bare.replace(/^(\.\/)+/, ''))
}

function withoutRoot(path: string): string {
  const inside = PACKAGES.exec(path)?.[1] ?? SOURCES.exec(path)?.[1]
  return inside ?? path.split('/').filter(Boolean).slice(-PARTS_KEPT).join('/')
}

/** `%` would stand in URLs, `*` in globs. */
const ID = '#'

function withoutIds(text: string): string {
  return (
    text
      // Of a package: `next@15.1.0`.
      .replace(/@\d[\w.+-]*/g, '')
      .replace(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi, ID)
      .replace(/\b0x[\da-f]+\b/gi, ID)
      // What a bundler puts before the ending: `main.3fa9c1b2.js`, `chunk-BxK3f9Qz.mjs`.
      .replace(/([.-])(?=[\w-]*\d)[\w-]{8,}(?=\.[cm]?[jt]sx?$)/, `$1${ID}`)
      .replace(/(?<![a-z\d])(?=[\da-f]*\d)[\da-f]{8,}(?![a-z\d])/gi, ID)
      .replace(/\d{3,}/g, ID)
  )
}

function isNameless(name: string): boolean {
  return name === '' || /^(?:.*\.)?[<(]?(?:anonymous|lambda|module|eval)[>)]?$/i.test(name)
}
