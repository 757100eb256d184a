/** Writes the files of `makeFiles` into the corpus: `npm run corpus:write`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFiles } from './make-files.ts'

for (const [path, text] of makeFiles()) {
  const file = join(import.meta.dirname, '..', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
