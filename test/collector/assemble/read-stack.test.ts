import { expect, test } from 'vitest'
import { readStack } from '../../../collector/assemble/read-stack.ts'

const V8 = `KeyError: 'orchestrator_available'
    at readKey (file:///srv/app/server/orchestrate/factory.ts:70:35)
    at async createOrchestrator (file:///srv/app/server/orchestrate/factory.ts:41:8)
    at file:///srv/app/server/service.ts:12:3
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`

const FOREIGN_FIRST = `TypeError: fetch failed
    at node:internal/deps/undici/undici:13510:13
    at request (/srv/app/node_modules/got/index.js:9:1)
    at search (/srv/app/tools/search.ts:17:20)`

const PYTHON = `Traceback (most recent call last):
  File "/srv/agents/core/service.py", line 544, in execute
    core = await self._factory.build()
  File "/srv/agents/core/factory.py", line 539, in build
    if status["dependencies"]["orchestrator_available"]:
KeyError: 'orchestrator_available'`

// oxfmt-ignore
test.each([
  // what                                    stack          near                folder             file                                      line  function
  ['the innermost frame of V8',              V8,            null,                null,              '/srv/app/server/orchestrate/factory.ts', 70,   'readKey'],
  ['shortened like the span’s own line',     V8,            'server/service.ts', null,              'server/orchestrate/factory.ts',          70,   'readKey'],
  ['shortened by the working directory',     V8,            null,                '/srv/app',        'server/orchestrate/factory.ts',          70,   'readKey'],
  ['the working directory before any guess', V8,            'server/service.ts', '/srv/app/server', 'orchestrate/factory.ts',                 70,   'readKey'],
  ['in full what is outside of it',          V8,            'server/service.ts', '/srv/app/serv',   '/srv/app/server/orchestrate/factory.ts', 70,   'readKey'],
  ['the project’s own code, from its root',  FOREIGN_FIRST, null,                null,              'tools/search.ts',                        17,   'search'],
  ['the last frame of CPython',              PYTHON,        null,                null,              '/srv/agents/core/factory.py',            539,  'build'],
  ['CPython’s, by the working directory',    PYTHON,        null,                '/srv/agents/',    'core/factory.py',                        539,  'build'],
])('names %s', (_what, stack, near, workingDirectory, file, line, name) => {
  const location = near === null ? null : { file: near, line: 1, function: null }
  expect(readStack(stack, { workingDirectory, near: location })).toEqual({ file, line, function: name })
})

test('knows nothing from a stack without frames', () => {
  expect(readStack('KeyError: x', { workingDirectory: '/srv/app', near: null })).toBeNull()
})
