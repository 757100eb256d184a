import { readdirSync } from 'node:fs'

/** The frameworks of the corpus: every folder here but those of the programs that make the others. */
export function listFolders(): string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((each) => each.isDirectory() && !/^(record[-_]|write$)/.test(each.name))
    .map(({ name }) => name)
}
