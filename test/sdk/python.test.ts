/** The Python SDK: its own tests, its types, its names on the wire, and the package people install. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ATTR, RECORD } from '../../contract/attributes.ts'
import { startOtlpReceiver } from '../kit/otlp-receiver.ts'
import { temporaryFolder } from '../kit/programs.ts'
import { hasPython, PYTHON, SDK_FOLDER } from '../kit/python.ts'

const ROOT = dirname(dirname(import.meta.dirname))
const TESTS = join(import.meta.dirname, 'python')
const modules = ['opentelemetry.sdk', 'opentelemetry.exporter.otlp.proto.common', 'hatchling', 'mypy', 'ruff']
const isThere = hasPython(modules, 'the Python SDK', 'test/sdk/python/requirements.txt')

describe.skipIf(!isThere)('the Python SDK', () => {
  test('its own tests pass, without a warning', async () => {
    const { stderr } = await python(['-W', 'error', '-m', 'unittest', 'discover', '-s', TESTS])
    expect(stderr).toMatch(/Ran [3-9]\d tests .*\n\nOK/)
  }, 120_000)

  test('every function says its types', async () => {
    const cache = temporaryFolder('mypy')
    const { stdout } = await python(['-m', 'mypy', '--cache-dir', cache], SDK_FOLDER)
    expect(stdout).toMatch(/^Success/)
  })

  test('all Python of the SDK, its tests, its benchmark and the recorders is linted and formatted', async () => {
    const files = ['sdk/python', 'test/sdk/python', 'test/corpus/record_py', 'bench/python-sdk.py']
    const options = ['--config', join(SDK_FOLDER, 'pyproject.toml'), '--no-cache', ...files]
    await python(['-m', 'ruff', 'check', ...options], ROOT)
    await python(['-m', 'ruff', 'format', '--check', ...options], ROOT)
  })

  test("its names on the wire are the contract's", async () => {
    const program = `
import json
from laststep.attributes import ATTR, RECORD
print(json.dumps([[v for k, v in vars(names).items() if not k.startswith("_")] for names in (ATTR, RECORD)]))`
    const [attributes, records] = JSON.parse((await python(['-c', program])).stdout) as [string[], string[]]
    // What a process says about itself beyond the contract would be read by nobody.
    expect(attributes.filter((name) => !(Object.values(ATTR) as string[]).includes(name))).toEqual([])
    expect(records.filter((name) => !(Object.values(RECORD) as string[]).includes(name))).toEqual([])
    expect(attributes.length + records.length).toBeGreaterThan(30)
  })

  test('the built package works where nothing of the repository is', async () => {
    const folder = temporaryFolder('wheel')
    const build = ['wheel', '--quiet', '--no-deps', '--no-build-isolation', '--wheel-dir', folder, SDK_FOLDER]
    await python(['-m', 'pip', '--disable-pip-version-check', ...build])
    const [wheel = ''] = readdirSync(folder)
    expect(wheel).toBe('laststep-0.1.0-py3-none-any.whl')

    const { inside, site } = await emptyEnvironment(join(folder, 'empty'))
    await python([
      '-m',
      'pip',
      '--python',
      inside,
      'install',
      '--quiet',
      '--no-deps',
      '--no-index',
      join(folder, wheel),
    ])
    const installed = readdirSync(join(site, 'laststep'))
    expect(installed).toContain('py.typed')

    const receiver = await startOtlpReceiver()
    const program = `
import importlib.metadata, sys, time
import laststep
laststep.install(sys.argv[1], service_name="installed")
with laststep.record_run("run_1", "support") as run:
    time.sleep(0.4)
print(laststep.__file__, importlib.metadata.requires("laststep"))`
    const { stdout } = await run(inside, ['-c', program, receiver.url], { cwd: folder, env: {} })
    await receiver.stop()
    // No more than it says: OpenTelemetry's API and SDK.
    expect(stdout).toBe(
      `${join(site, 'laststep', '__init__.py')} ['opentelemetry-api>=1.27', 'opentelemetry-sdk>=1.27']\n`,
    )
    expect(receiver.records('laststep.span.start').map(({ attributes }) => attributes['laststep.run.id'])).toEqual([
      'run_1',
    ])
    expect(receiver.spans().map(({ name }) => name)).toEqual(['invoke_agent support'])
  })
})

const run = promisify(execFile)

function python(args: readonly string[], cwd = TESTS) {
  const env = { ...process.env, PYTHONPATH: [SDK_FOLDER, TESTS].join(delimiter), PYTHONDONTWRITEBYTECODE: '1' }
  return run(PYTHON, args, { cwd, env, timeout: 110_000 })
}

/** An environment that has what the package depends on, from the Python that runs the tests, and nothing else. */
async function emptyEnvironment(folder: string): Promise<{ readonly inside: string; readonly site: string }> {
  mkdirSync(folder)
  await python(['-m', 'venv', '--without-pip', folder])
  const inside = join(folder, 'bin', 'python')
  const askSite = 'import sysconfig; print(sysconfig.get_paths()["purelib"], end="")'
  const [site, outside] = await Promise.all(
    [inside, PYTHON].map(async (each) => (await run(each, ['-c', askSite])).stdout),
  )
  writeFileSync(join(site ?? '', 'dependencies.pth'), `${outside}\n`)
  return { inside, site: site ?? '' }
}
