/** Does what a page of docs/integrations/ tells its reader to do: its files, as they stand, in a folder of their own. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = dirname(dirname(import.meta.dirname))
const FRAMEWORKS = join(ROOT, 'test', 'corpus', 'record-js', 'frameworks')
/** The pinned Node, whichever Node runs the tests. */
const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')

/** A fenced block whose first line names it: `// tracing.ts` or `// tracing.ts, with open spans`. */
export interface Snippet {
  readonly file: string
  /** What the reader does it for; null for what everybody does. */
  readonly variant: string | null
  readonly text: string
}

export interface PageProgram {
  /** Resolves with what it printed on its standard error, for a failing test to show. */
  readonly ended: Promise<string>
  /** SIGKILL: a hanging agent gets no chance to say goodbye. */
  kill(): Promise<void>
}

/** Whether what the pages ask their readers to install is there. */
export const frameworksInstalled = existsSync(join(FRAMEWORKS, '..', 'node_modules'))

export function readPage(page: string): string {
  return readFileSync(join(ROOT, 'docs', 'integrations', page), 'utf8')
}

export function findSnippets(markdown: string): Snippet[] {
  return [...markdown.matchAll(/^```ts\n([^]*?)^```$/gm)].flatMap(([, text = '']) => {
    const [, file, variant = null] = /^\/\/ ([\w-]+\.ts)(?:, (.+)|:.*)?$/m.exec(text.split('\n')[0] ?? '') ?? []
    return file === undefined ? [] : [{ file, variant, text }]
  })
}

/**
 * Run the page's `agent.ts` among the packages of `workspace`.
 *
 * @param variant which of the page's variants replaces the file of the same name; null for none
 */
export function startPage(
  page: string,
  workspace: string,
  variant: string | null,
  environment: Readonly<Record<string, string>>,
): PageProgram {
  const snippets = findSnippets(readPage(page)).filter((snippet) => [null, variant].includes(snippet.variant))
  const place = join(FRAMEWORKS, workspace, '.page')
  mkdirSync(place, { recursive: true })
  const folder = mkdtempSync(join(place, 'run-'))
  for (const { file, text } of snippets) writeFileSync(join(folder, file), text)

  const child = spawn(NODE, [join(folder, 'agent.ts')], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    // As on the reader's machine: in a test run, frameworks switch their tracing off.
    env: { ...process.env, NODE_ENV: 'production', ...environment },
  })
  const orphanGuard = () => child.kill('SIGKILL')
  process.on('exit', orphanGuard)
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-20_000)))
  const ended = new Promise<string>((resolve) => child.once('exit', () => resolve(errors)))
  void ended.then(() => {
    process.off('exit', orphanGuard)
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
