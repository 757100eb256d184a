/** What each source file imports and which names of time it uses, read as text: enough for rules about shape. */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string
  readonly text: string
  /** Imports of files, as paths from the root; imports of packages, as written. */
  readonly imports: readonly string[]
}

/** Every TypeScript file below the folders, tests' own packages and builds left out. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
      .map((path) => asSource(path, readFileSync(join(root, path), 'utf8'))),
  )
}

/** A source file from its text: for files on disk and for made-up ones that break a rule. */
export function asSource(path: string, text: string): SourceFile {
  const imports = [
    ...text.matchAll(
      /(?:(?<=[\s}*])from\s*|(?<![\w'"])import\s*\(?\s*|new URL\(\s*(?=['"][^'"\n]+\.ts['"]))['"]([^'"\n]+)['"]/g,
    ),
  ]
    .map((match) => match[1] ?? '')
    .map((target) => (target.startsWith('.') ? normalize(join(dirname(path), target)) : target))
  return { path, text, imports }
}

/** A path or package against a pattern: `*` is one name, `**` any number of them. */
export function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
  return new RegExp(`^${source}$`).test(path)
}
