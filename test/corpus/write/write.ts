/** Writes the files of the frameworks whose spans are known from their documents: `npm run corpus:write`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Framework, Who } from './story.ts'
import { tellStory, type Case } from './tell-story.ts'
import { CONVENTIONS } from './written-conventions.ts'
import { PRODUCTS } from './written-products.ts'

const CORPUS = join(import.meta.dirname, '..')
const CASES: readonly Case[] = ['finished', 'failed', 'hung-in-model', 'hung-in-tool']

const HOW: Readonly<Record<Case, string>> = {
  finished: 'The model asks for the tool, then answers.',
  failed: 'The model asks for the tool, then refuses the next request.',
  'hung-in-model': 'The request after the tool call is never answered.',
  'hung-in-tool': 'The tool never returns.',
}

const OPEN: Readonly<Record<Framework['open'], string>> = {
  no: 'Only spans that ended are sent.',
  'no end': 'Spans that have not ended are sent as such, with what is said at their start.',
  'trigger.dev': 'Open spans are sent as finished siblings ($span.partial).',
  paths: 'Only spans that ended are sent, and list the spans around them.',
}

for (const framework of [...CONVENTIONS, ...PRODUCTS]) {
  mkdirSync(join(CORPUS, framework.folder), { recursive: true })
  for (const name of CASES) {
    writeCase(framework, name)
    if (framework.alsoOpen && name.startsWith('hung')) writeCase({ ...framework, open: 'no end' }, name)
  }
}

function writeCase(framework: Framework, name: Case): void {
  const file = framework.open === 'no end' ? `${name}-open` : name
  const head = [
    ['framework', framework.framework],
    ['packages', {}],
    ['recorded', false],
    ['how', `${HOW[name]} ${OPEN[framework.open]}`],
  ].map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`)
  const requests = tellStory(framework, name).map((request) => `    ${JSON.stringify(request)}`)
  const text = `{\n${head.join('')}  "requests": [\n${requests.join(',\n')}\n  ],\n  "expect": ${JSON.stringify([expected(framework, name)])}\n}\n`
  writeFileSync(join(CORPUS, framework.folder, `${file}.json`), text)
}

function expected({ expect, open: shown }: Framework, name: Case) {
  const model = { phase: 'reasoning', step: expect.model }
  const tool = expect.tool === null ? model : { phase: 'tool', step: expect.tool }
  const judge = (who: Who, status: string, at: { phase: string | null; step: string | null }, confidence: string) => {
    const { agent, session, user, run } = who
    return { agent, status, ...at, session, user, run, confidence }
  }
  if (name === 'finished') return judge(expect.whole, 'completed', { phase: null, step: null }, 'T3')
  if (name === 'failed') return judge(expect.whole, 'failed', { phase: null, step: null }, 'T3')
  const [hanging, before] = name === 'hung-in-model' ? [model, tool] : [tool, model]
  if (shown === 'no' || shown === 'paths')
    return judge(expect.rootless, 'stalled', { ...before, step: `after ${before.step}` }, 'T3')
  const open = name === 'hung-in-model' ? expect.atStart?.model : expect.atStart?.tool
  return judge(expect.whole, 'stalled', { ...hanging, step: open ?? hanging.step }, 'T2')
}
