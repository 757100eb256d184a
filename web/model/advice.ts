/** What a run's source would have to send for a surer verdict on it, and the lines that send it. */
import type { RunDetail } from '../../contract/runs.ts'

export interface Advice {
  /** What the verdict rests on, and so cannot show. */
  readonly lack: string
  /** What to add, and what is seen then. */
  readonly remedy: string
  /** As they are written in the agent's program; `<collector>` is where it reaches this Laststep. */
  readonly lines: readonly { readonly language: string; readonly code: string }[]
}

/** @returns null when nothing that could be installed would make the verdict surer. */
export function adviseOn(run: RunDetail): Advice | null {
  const lines = writeLines(run.service)
  switch (run.verdict.confidence) {
    case 'T1':
      return null
    case 'T2':
      // A process that was heard and fell silent sent all there is to send.
      return hasPulsed(run)
        ? null
        : {
            lack: 'This agent tells which steps are open, and nothing says whether its process is alive.',
            remedy: 'Add the pulse of Laststep’s SDK to tell a step that hangs from a process that died:',
            lines,
          }
    case 'T3':
      return run.spans.some((span) => span.openState === 'unreported')
        ? null
        : {
            lack: 'This agent sends spans only when they end.',
            remedy: 'Add Laststep’s SDK to see the step while it hangs:',
            lines,
          }
    case 'T4':
      return {
        lack: 'This agent sends no spans: a run is known by its messages alone, and its steps not at all.',
        remedy: 'Add OpenTelemetry and Laststep’s SDK to see the steps, each while it is open:',
        lines,
      }
  }
}

const hasPulsed = (run: RunDetail): boolean =>
  run.verdict.evidence.some(({ ref }) => ref?.startsWith('pulse:') === true)

const JS_PACKAGE = JSON.stringify('@laststep/sdk')

/** The two lines of either SDK's README, with the service's own name: under another it would be a second service. */
function writeLines(service: string | null): Advice['lines'] {
  const name = JSON.stringify(service ?? 'my-agents')
  return [
    {
      language: 'JavaScript',
      code:
        `import { createReporter, openSpans } from ${JS_PACKAGE}\n` +
        `spanProcessors: [openSpans(createReporter({ serviceName: ${name}, endpoint: "http://<collector>:4318" }))]`,
    },
    { language: 'Python', code: `import laststep\nlaststep.install("http://<collector>:4318", service_name=${name})` },
  ]
}
