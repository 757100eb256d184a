/** From a line of code to where it can be read: a repository on the web, an editor on this machine. Templates of the reader's. */
import type { CodeLocation } from '../../contract/runs.ts'

export interface CodeLinks {
  /** `https://github.com/acme/agent/blob/{version}/{path}#L{line}`; empty for none. */
  readonly repository: string
  /** `vscode://file/home/me/agent/{path}:{line}`; empty for none. */
  readonly editor: string
  /** What a path begins with where the agent runs, and not where its code is kept: `/app/`. */
  readonly root: string
}

export const NO_CODE_LINKS: CodeLinks = { repository: '', editor: '', root: '' }

/** Places in a template, and what stands there. */
export const CODE_PLACES = ['path', 'line', 'version'] as const

/** What is wrong with a template; null when nothing is, or it is empty. */
export function problemOfTemplate(template: string): string | null {
  if (template === '') return null
  const unknown = [...template.matchAll(/\{(\w*)\}/g)].find(([, place]) => !isPlace(place))
  if (unknown !== undefined) return `${unknown[0]} is not known; write {path}, {line} or {version}.`
  if (!template.includes('{path}')) return '{path} is missing: every line would lead to the same place.'
  const url = URL.parse(fill(template, { file: 'a/b.ts', line: 1, function: null }, '1', ''))
  if (url === null) return 'Begin with an address such as https:// or vscode://.'
  return SCRIPTS.has(url.protocol) ? `${url.protocol} is no place to read code.` : null
}

/** Where this line is; null without a template that is right. */
export function codeAddress(
  template: string,
  code: CodeLocation,
  version: string | null,
  { root }: Pick<CodeLinks, 'root'>,
): string | null {
  if (template === '' || problemOfTemplate(template) !== null) return null
  // A link to the code of no version would lead to that of another.
  if (version === null && template.includes('{version}')) return null
  return fill(template, code, version ?? '', root)
}

/** What was stored, by this version or another; null when it is none of ours. */
export function readCodeLinks(stored: unknown): CodeLinks | null {
  if (typeof stored !== 'object' || stored === null) return null
  const held = stored as Readonly<Record<string, unknown>>
  const text = (name: keyof CodeLinks): string => (typeof held[name] === 'string' ? held[name] : '')
  return { repository: text('repository'), editor: text('editor'), root: text('root') }
}

/** Addresses that a browser would run instead of opening. */
const SCRIPTS = new Set(['javascript:', 'data:', 'vbscript:', 'blob:'])

function fill(template: string, { file, line }: CodeLocation, version: string, root: string): string {
  const path = (root !== '' && file.startsWith(root) ? file.slice(root.length) : file).replace(/^\/+/, '')
  const places: Readonly<Record<string, string>> = {
    path: path.split('/').map(encodeURIComponent).join('/'),
    line: String(line ?? 1),
    version: encodeURIComponent(version),
  }
  return template.replace(/\{(\w+)\}/g, (written, place: string) => places[place] ?? written)
}

function isPlace(place: string | undefined): boolean {
  return (CODE_PLACES as readonly (string | undefined)[]).includes(place)
}
