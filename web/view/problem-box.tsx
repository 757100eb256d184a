import { Icon } from './icon.tsx'
import type { Problem } from './screen.ts'

/** What went wrong, in the API's own words, and the way to try again. The rest of the page keeps working. */
export function ProblemBox({ problem, retry }: { problem: Problem; retry: () => void }) {
  return (
    <div class="problem is-failed" role="alert">
      <Icon name="failed" />
      <p>
        {problem.message} {problem.code && <code>{problem.code}</code>}
      </p>
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    </div>
  )
}
