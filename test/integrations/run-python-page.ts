/** Does what a Python page of docs/integrations/ tells its reader to do: its files, as they stand, in a folder of their own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pythonOf } from '../corpus/record_py/environment.ts'
import { temporaryFolder } from '../kit/programs.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const RECORDERS = join(ROOT, 'test', 'corpus', 'record_py')
const PLACE = temporaryFolder('python-pages')

/** A fenced block whose first line names its file: `# tracing.py`, and what it is for: `, with OpenLLMetry`, `, continued`. */
export interface Snippet {
  readonly file: string
  readonly variant: string | null
  readonly text: string
}

export interface PythonProgram {
  /** Its first line of standard output. */
  readonly said: Promise<string>
  /** Resolves with its exit code and what it printed on its standard error, for a failing test to show. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>
  /** SIGKILL: a hanging agent gets no chance to say goodbye. */
  kill(): Promise<void>
}

export interface Model {
  /** Leads the clients of whatever maker to it. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

export function findSnippets(page: string): Snippet[] {
  const markdown = readFileSync(join(ROOT, 'docs', 'integrations', page), 'utf8')
  return [...markdown.matchAll(/^```python\n([^]*?)^```$/gm)].map(([, text = '']) => {
    const [, file = '', variant = null] = /^# (\w+\.py)(?:, (.+))?$/m.exec(text.split('\n')[0] ?? '') ?? []
    return { file, variant, text }
  })
}

/** Run the page's `agent.py`. Of its other snippets those of `variants` take the place of the plain ones, or follow them. */
export function startPage(
  page: string,
  framework: string,
  variants: readonly string[],
  environment: Readonly<Record<string, string>>,
): PythonProgram {
  const folder = mkdtempSync(join(PLACE, 'page-'))
  const files = new Map<string, string>()
  for (const { file, variant, text } of findSnippets(page)) {
    if (variant !== null && !variants.includes(variant)) continue
    files.set(file, variant === 'continued' ? `${files.get(file)}\n${text}` : text)
  }
  for (const [file, text] of files) writeFileSync(join(folder, file), text)
  const env = { ...environment, PYTHONPATH: join(ROOT, 'sdk', 'python') }
  return startPython(framework, ['agent.py'], folder, env)
}

/** The recorders' model: it asks for each tool once, then answers or hangs. */
export async function startModel(framework: string, ending: 'answers' | 'hangs'): Promise<Model> {
  const program = startPython(framework, ['-m', 'kit.model', ending], RECORDERS, {})
  const { environment } = JSON.parse(await program.said) as Pick<Model, 'environment'>
  return { environment, stop: () => program.kill() }
}

function startPython(
  framework: string,
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
): PythonProgram {
  const child = spawn(pythonOf(framework), ['-B', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const orphanGuard = () => child.kill('SIGKILL')
  process.on('exit', orphanGuard)
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-20_000)))
  const said = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, errors })),
  )
  void ended.then(() => process.off('exit', orphanGuard))
  return {
    said,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
