/** The files of the frameworks whose spans are known from their documents. */
import type { Framework, Who } from './story.ts'
import { tellStory, type Case } from './tell-story.ts'
import { CONVENTIONS } from './written-conventions.ts'
import { PRODUCTS } from './written-products.ts'

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

/** By their paths in the corpus. */
export function makeFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const framework of [...CONVENTIONS, ...PRODUCTS]) {
    for (const name of CASES) {
      files.set(`${framework.folder}/${name}.json`, makeFile(framework, name))
      if (framework.alsoOpen && name.startsWith('hung'))
        files.set(`${framework.folder}/${name}-open.json`, makeFile({ ...framework, open: 'no end' }, name))
    }
  }
  return files
}

/** A request a line, as recordings have them. */
function makeFile(framework: Framework, name: Case): string {
  const head = {
    framework: framework.framework,
    packages: {},
    recorded: false,
    how: `${HOW[name]} ${OPEN[framework.open]}`,
  }
  const lines = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`)
  const requests = tellStory(framework, name).map((request) => `    ${JSON.stringify(request)}`)
  const expect = JSON.stringify([expected(framework, name)])
  return ['{', ...lines, '  "requests": [', requests.join(',\n'), '  ],', `  "expect": ${expect}`, '}', ''].join('\n')
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
