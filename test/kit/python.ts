/** The Python that tests may use, and programs in it. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { startCommand, type Program } from './programs.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** `LASTSTEP_TEST_PYTHON` names a Python that has the packages; CI's does. */
export const PYTHON = process.env['LASTSTEP_TEST_PYTHON'] ?? 'python3'
/** The SDK as it lies in the repository, not installed. */
export const SDK_FOLDER = join(ROOT, 'sdk', 'python')

/** Whether Python has the modules; when not, one line says what is skipped and what mends it. */
export function hasPython(modules: readonly string[], skipped: string, requirements: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' })
    return true
  } catch {
    const mend = `pip install -r ${requirements}`
    process.stderr.write(`skipped: ${skipped}; to have it: ${mend} (LASTSTEP_TEST_PYTHON names a Python)\n`)
    return false
  }
}

/** Start a Python program that imports the SDK, and wait for its `{"event":"listening"}` line. */
export async function startPython(script: string, args: readonly string[]): Promise<Program> {
  const env = { ...process.env, PYTHONPATH: SDK_FOLDER, PYTHONDONTWRITEBYTECODE: '1' }
  const { program } = await startCommand(PYTHON, [script, ...args], env)
  return program
}
