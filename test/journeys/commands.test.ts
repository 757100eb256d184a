/** The command line as people meet it: what it says when something is wrong, and that it leaves nothing behind. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../kit/programs.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')
const FREE_PORTS = ['--http-port', '0', '--otlp-http-port', '0', '--otlp-grpc-port', '0']

let stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

function laststep(...args: string[]) {
  const { status, stderr, stdout } = spawnSync(NODE, ['tools/laststep.ts', ...args], { cwd: ROOT, encoding: 'utf8' })
  return { status, stdout, lines: stderr.trim().split('\n') }
}

describe('laststep serve', () => {
  test.each(['http-port', 'otlp-http-port', 'otlp-grpc-port'])(
    'a taken --%s is one line that names it',
    async (flag) => {
      const port = await takePort()
      const others = FREE_PORTS.filter((_, index, all) => all[index - (index % 2)] !== `--${flag}`)
      const data = temporaryFolder('taken')
      const { status, lines, stdout } = laststep('serve', '--data-dir', data, ...others, `--${flag}`, String(port))
      expect(lines).toEqual([expect.stringMatching(new RegExp(`port ${port} is taken.*--${flag}`))])
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    },
  )

  test('a contract with mistakes tells them all and listens to nothing', () => {
    const file = join(temporaryFolder('contract'), 'bad.yaml')
    writeFileSync(file, 'contract: bad\nversion: 0\nbudgets:\n  tool: { stalled: soon }\n  tea: { stalled: 5s }\n')
    const { status, stdout, lines } = laststep('serve', ...FREE_PORTS, '--contract', file)
    const text = lines.join('\n')
    for (const part of ['bad.yaml', 'version', 'budgets.tool.stalled', 'tea']) expect(text).toContain(part)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  test('settings with mistakes tell them all, in the words of the flags', () => {
    const { status, lines } = laststep('serve', '--http-port', 'many', '--host', '0.0.0.0', '--webhook-url', 'ftp://x')
    expect(status).toBe(2)
    expect(lines).toHaveLength(4)
    for (const part of ['--http-port', '--insecure', '--webhook-url', '--webhook-secret'])
      expect(lines.join('\n')).toContain(part)
  })

  test('a data folder in use names the process that has it', async () => {
    const data = temporaryFolder('shared')
    const first = spawn(NODE, ['tools/laststep.ts', 'serve', '--data-dir', data, ...FREE_PORTS], { cwd: ROOT })
    stops.push(() => first.kill('SIGKILL'))
    await firstLine(first.stdout)
    const { status, lines } = laststep('serve', '--data-dir', data, ...FREE_PORTS)
    expect(lines).toEqual([expect.stringContaining(String(first.pid))])
    expect(status).toBe(1)
  })

  test('an unknown flag is refused, and --help lists every setting', () => {
    expect(laststep('serve', '--colour', 'red')).toMatchObject({
      status: 2,
      lines: [expect.stringContaining('--colour')],
    })
    const help = laststep('serve', '--help')
    expect(help.status).toBe(0)
    for (const part of ['--data-dir', '--contract', '--webhook-url', 'LASTSTEP_DATA_DIR'])
      expect(help.stdout).toContain(part)
  })
})

describe('laststep demo', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s leaves no process behind', async (signal) => {
    const { demo, welcome } = startDemo()
    const text = await welcome
    const addresses = [...text.matchAll(/http:\/\/[\d.]+:\d+/g)].map(([address]) => address)
    expect(addresses.length).toBeGreaterThanOrEqual(3)
    for (const address of addresses) expect(await answers(address)).toBe(true)
    demo.kill(signal)
    expect(await exitOf(demo)).toBe(signal === 'SIGKILL' ? null : 0)
    // A killed demo says goodbye to nobody: its runtimes notice by themselves.
    await expect.poll(() => Promise.all(addresses.map(answers)), { timeout: 10_000 }).not.toContain(true)
  })

  test('a taken --runtime-port is one line that names it', async () => {
    const port = await takePort()
    const data = temporaryFolder('taken')
    const { status, lines } = laststep('demo', '--data-dir', data, ...FREE_PORTS, '--runtime-port', String(port))
    expect(lines).toEqual([expect.stringMatching(new RegExp(`port ${port} is taken.*--runtime-port`))])
    expect(status).toBe(1)
  })

  test('a signal that comes while it starts is obeyed', async () => {
    const { demo, data, welcome } = startDemo()
    const isWelcome = welcome.then(
      () => true,
      () => false,
    )
    // The data folder is the first thing made; the runtimes come last.
    await expect.poll(() => existsSync(join(data, 'owner.lock')), { interval: 5, timeout: 10_000 }).toBe(true)
    demo.kill('SIGINT')
    expect(await exitOf(demo)).toBe(0)
    await isWelcome
  })
})

function startDemo() {
  const data = join(temporaryFolder('demo'), 'data')
  const flags = ['--data-dir', data, ...FREE_PORTS, '--runtime-port', '0']
  const demo = spawn(NODE, ['tools/laststep.ts', 'demo', ...flags], { cwd: ROOT })
  stops.push(() => demo.kill('SIGKILL'))
  return { demo, data, welcome: textUntil(demo.stdout, 'Ctrl-C') }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)))
}

async function takePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  return address.port
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return textUntil(stream, '\n')
}

function textUntil(stream: NodeJS.ReadableStream, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes(end)) resolve(text)
    })
    stream.once('end', () => reject(new Error(`ended before "${end}": ${text}`)))
  })
}

/** Any HTTP answer will do, an error too: somebody listens. */
async function answers(address: string): Promise<boolean> {
  return fetch(address).then(
    () => true,
    () => false,
  )
}
