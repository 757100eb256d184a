/**
 * `npm run corpus:record-js -- <framework|all> [case]`: install the frameworks, and record their corpus files anew, one
 * after another. Plain JavaScript for Node 20, as the scripts of tools/ are: it finds the Node that runs the rest.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NODE, installPackages, setUp } from '../../../tools/setup.mjs'

const frameworks = join(dirname(fileURLToPath(import.meta.url)), 'frameworks')
const known = readdirSync(frameworks).filter((name) => existsSync(join(frameworks, name, 'record.ts')))
const [wanted, ...rest] = process.argv.slice(2)

if (wanted === undefined || (wanted !== 'all' && !known.includes(wanted))) {
  process.stderr.write(`usage: npm run corpus:record-js -- <all|${known.join('|')}> [case]\n`)
  process.exit(2)
}
setUp()
installPackages('test/corpus/record-js', 'the agent frameworks that are recorded')
for (const name of wanted === 'all' ? known : [wanted]) {
  const { status } = spawnSync(NODE, [join(frameworks, name, 'record.ts'), ...rest], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
