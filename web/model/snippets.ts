/** What a person pastes to connect an agent: three steps per language, complete, with the real address of this collector. */
import NODE_AGENT from './agent.ts.txt?raw'
import PYTHON_AGENT from './agent.py.txt?raw'

export const LANGUAGES = ['node', 'python', 'otel'] as const
export type Language = (typeof LANGUAGES)[number]

export const LANGUAGE_WORDS: Readonly<Record<Language, string>> = {
  node: 'Node.js',
  python: 'Python',
  otel: 'OpenTelemetry you have',
}

export interface Step {
  readonly title: string
  readonly says: string
  /** Null for a step that is nothing to paste. */
  readonly code: { readonly text: string; readonly file: string } | null
}

export function readLanguage(query: Readonly<Record<string, string>>): Language {
  return LANGUAGES.find((language) => language === query['language']) ?? 'node'
}

export function writeSteps(language: Language, endpoint: string): readonly [Step, Step, Step] {
  return STEPS[language](endpoint)
}

const STEPS: Readonly<Record<Language, (endpoint: string) => [Step, Step, Step]>> = {
  node: (endpoint) => [
    {
      title: 'Install',
      says: 'The SDK reports steps while they are open, so that one which hangs is seen.',
      code: { file: 'terminal', text: 'npm install @laststep/sdk @opentelemetry/api @opentelemetry/sdk-node' },
    },
    {
      title: 'Say what your agent does',
      says: 'A whole program; in yours, the first call goes to the top and recordRun around what answers a request.',
      code: {
        file: 'agent.ts',
        text: at(NODE_AGENT, endpoint),
      },
    },
    {
      title: 'Run it',
      says: 'Its run is on Live while the tool is still searching.',
      code: { file: 'terminal', text: 'node agent.ts' },
    },
  ],
  python: (endpoint) => [
    {
      title: 'Install',
      says: 'From a clone of Laststep. It needs nothing but OpenTelemetry’s own two packages.',
      code: { file: 'terminal', text: 'pip install ./sdk/python' },
    },
    {
      title: 'Say what your agent does',
      says: 'Two lines are all a framework with OpenTelemetry needs; the spans below stand for yours.',
      code: {
        file: 'agent.py',
        text: at(PYTHON_AGENT, endpoint),
      },
    },
    {
      title: 'Run it',
      says: 'Its run is on Live while the tool is still searching.',
      code: { file: 'terminal', text: 'python agent.py' },
    },
  ],
  otel: (endpoint) => [
    {
      title: 'Point the exporter here',
      says: 'Traces and logs, over HTTP or gRPC. Runs are recognised by the GenAI conventions of your framework.',
      code: {
        file: 'environment',
        text: `OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
OTEL_SERVICE_NAME=my-agent`,
      },
    },
    {
      title: 'Know what it cannot show',
      says:
        'OpenTelemetry sends a span when it has ended: a step that hangs is missing, and its run is said to stand still ' +
        'after the last step that ended. With the SDK for Node.js or Python beside it, the step itself is named.',
      code: null,
    },
    {
      title: 'Run your agent',
      says: 'Start it as you do, with these variables set. A batch of spans leaves every five seconds.',
      code: null,
    },
  ],
}

/** Where these programs send to as they stand. */
const USUAL_ENDPOINT = 'http://127.0.0.1:4318'

function at(program: string, endpoint: string): string {
  return program.replaceAll(USUAL_ENDPOINT, endpoint).trimEnd()
}
