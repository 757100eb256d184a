import type { RunRow } from '../../contract/runs.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import { count } from '../model/format.ts'
import { api, paths } from '../paths.ts'

/** Several runs at once, in the order in which they are listed. */
export function copyOfRows(runs: readonly RunRow[]): CopyThing {
  const rows = runs.map((run) => [run, addresses(run)] as const)
  return {
    what: count(runs.length, 'run'),
    load: async () => (await import('../model/copy-forms.ts')).copyRows(rows),
    draft: async () => (await import('../model/evidence-drafts.ts')).copyRows(rows),
  }
}

function addresses({ id }: RunRow) {
  return { link: () => location.origin + paths.run(id), api: location.origin + api.run(id) }
}
