import type { RunRow } from '../../contract/runs.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import { count } from '../model/format.ts'
import { api, paths } from '../paths.ts'

/** Several runs at once, in the order in which they are listed. */
export function copyOfRows(runs: readonly RunRow[]): CopyThing {
  return {
    what: count(runs.length, 'run'),
    load: async () => {
      const { copyRows } = await import('../model/copy-forms.ts')
      const at = ({ id }: RunRow) => ({
        link: () => location.origin + paths.run(id),
        api: location.origin + api.run(id),
      })
      return copyRows(runs.map((run) => [run, at(run)]))
    },
  }
}
