#!/usr/bin/env node
/**
 * The `laststep` command. Sets up what is missing, then hands over to `laststep.ts` on the pinned Node.
 * Plain JavaScript for Node 20.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { NODE_FLAGS } from './node-flags.mjs'
import { NODE, ROOT, buildDashboard, setUp } from './setup.mjs'

setUp()
buildDashboard()
const script = join(ROOT, 'tools', 'laststep.ts')
const child = spawn(NODE, [...NODE_FLAGS, script, ...process.argv.slice(2)], { stdio: 'inherit' })
// A terminal's Ctrl-C reaches the child by itself; a signal sent to this process alone has to be passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
