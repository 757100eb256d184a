/** A report that takes seconds to put together and says how far it is: long, but alive. */
import { z } from 'zod'
import { sleep } from '../../../contract/clock.ts'
import type { Millis } from '../../../contract/units.ts'
import { defineTool } from './tool.ts'

const input = z.object({ topic: z.string().min(1).max(200) })

const SECTIONS = ['collect figures', 'compare with last week', 'find outliers', 'draw charts', 'write summary'] as const
const SECTION_MS: Millis = 500

export const slowReport = defineTool({
  name: 'slow_report',
  description: 'Writes a report on a topic, section by section; takes a few seconds.',
  input,
  async run({ topic }, { clock, signal, progress }) {
    for (const [index, section] of SECTIONS.entries()) {
      signal.throwIfAborted()
      await sleep(clock, SECTION_MS)
      progress(index + 1, SECTIONS.length, section)
    }
    return { topic, sections: SECTIONS }
  },
})
