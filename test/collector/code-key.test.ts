import { expect, test } from 'vitest'
import { codeKeyOf } from '../../collector/code-key.ts'

// oxfmt-ignore
test.each<[says: string, file: string, line: number | null, name: string | null, key: string]>([
  // what                          file                                                                line  function             as the fingerprint reads it
  ['a function',                   'src/tools/search.ts',                                              88,   'search',            'src/tools/search.ts › search'],
  ['a line was added above',       'src/tools/search.ts',                                              91,   'search',            'src/tools/search.ts › search'],
  ['no function',                  'src/tools/search.ts',                                              88,   null,                'src/tools/search.ts:88'],
  ['one without a name',           'src/tools/search.ts',                                              88,   'Object.<anonymous>', 'src/tools/search.ts:88'],
  ['a lambda',                     'agent/loop.py',                                                    14,   '<lambda>',          'agent/loop.py:14'],
  ['no line either',               'src/tools/search.ts',                                              null, null,                'src/tools/search.ts'],
  ['put elsewhere',                '/srv/releases/20261122/src/tools/search.ts',                       88,   'search',            'src/tools/search.ts › search'],
  ['on Windows',                   'C:\\work\\shop\\src\\tools\\search.ts',                            88,   'search',            'src/tools/search.ts › search'],
  ['as a URL',                     'file:///app/src/tools/search.ts?v=3',                              88,   'search',            'src/tools/search.ts › search'],
  ['by a bundler',                 'webpack:///./src/tools/search.ts',                                 88,   'search',            'src/tools/search.ts › search'],
  ['beside where it runs',         './src/tools/search.ts',                                            88,   'search',            'src/tools/search.ts › search'],
  ['no folder for sources',        '/home/ana/shop/agent/loop.py',                                     14,   'run',               'agent/loop.py › run'],
  ['the same, elsewhere',          '/app/agent/loop.py',                                               14,   'run',               'agent/loop.py › run'],
  ['a package',                    '/app/node_modules/.pnpm/next@15.1.0/node_modules/next/dist/a.js',  3,    'go',                'node_modules/next/dist/a.js › go'],
  ['a package of Python',          '/usr/lib/python3.13/site-packages/httpx/_client.py',               914,  'send',              'site-packages/httpx/_client.py › send'],
  ['a build hash',                 'dist/main.3fa9c1b2.js',                                            1,    'run',               'dist/main.#.js › run'],
  ['another build',                'dist/main.77b0e1aa.js',                                            1,    'run',               'dist/main.#.js › run'],
  ['a hash of another kind',       'dist/assets/chunk-BxK3f9Qz.mjs',                                   1,    'run',               'dist/assets/chunk-#.mjs › run'],
  ['an id in a name',              'jobs/3f2504e0-4f89-41d3-9a0c-0305e82c3301/job.py',                 5,    'job_81234',         'jobs/#/job.py › job_#'],
  ['an address',                   'jobs/job.py',                                                      5,    'run at 0x7f3a9c',   'jobs/job.py › run at #'],
  ['numbers that are names',       'api/v2/handler2.ts',                                               5,    'step2',             'api/v2/handler2.ts › step2'],
  ['words of hexadecimal digits',  'src/facade/deadbeef.ts',                                           5,    'decade',            'src/facade/deadbeef.ts › decade'],
  ['a long plain name',            'src/search-orders.ts',                                             5,    'searchAllOrders',   'src/search-orders.ts › searchAllOrders'],
])('%s: %s:%s %s is %s', (_, file, line, name, key) => {
  expect(codeKeyOf({ file, line, function: name })).toBe(key)
})
