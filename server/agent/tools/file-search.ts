/** Full-text search over the documents that come with the runtime. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defineTool, type AgentTool } from './tool.ts'

const input = z.object({ query: z.string().min(1).max(300), limit: z.number().int().min(1).max(10).default(3) })

export interface Passage {
  readonly file: string
  readonly heading: string
  readonly text: string
}

export function fileSearch(passages: readonly Passage[]): AgentTool {
  return defineTool({
    name: 'file_search',
    description: 'Finds passages about a topic in the handbook of this service.',
    input,
    run: async ({ query, limit }) => ({ query, passages: findPassages(passages, query, limit) }),
  })
}

/** One passage per `##` heading of every `*.md` file in the folder. */
export function readPassages(folder: string): Passage[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.md'))
  return files.sort().flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const [heading = '', ...lines] = section.split('\n')
        return { file, heading: heading.trim(), text: lines.join(' ').trim() }
      }),
  )
}

/** Best first; a word in the heading counts three times; passages without any of the words are left out. */
export function findPassages(passages: readonly Passage[], query: string, limit: number): Passage[] {
  const wanted = wordsOf(query)
  const score = (passage: Passage) => {
    const heading = wordsOf(passage.heading)
    const text = wordsOf(passage.text)
    return [...wanted].reduce((sum, word) => sum + (heading.has(word) ? 3 : 0) + (text.has(word) ? 1 : 0), 0)
  }
  return passages
    .map((passage) => ({ passage, score: score(passage) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ passage }) => passage)
}

/** Words of four letters and more: the shorter ones are mostly grammar. */
function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\d]{4,}/gu))
}
