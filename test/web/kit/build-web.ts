import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Build the dashboard as it ships, into a folder of its own. */
export async function buildWeb(): Promise<{ readonly dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'laststep-web-'))
  await build({
    root: fileURLToPath(new URL('../../../web', import.meta.url)),
    logLevel: 'warn',
    build: { outDir: dir },
  })
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}
