/** What had changed before an incident began: asked of the deploys and of a comparison, as long as whoever drafts will wait. */
import type { IncidentDetail } from '../../contract/stalls.ts'
import { seconds, type Millis } from '../../contract/units.ts'
import { EFFECTS_MS } from '../deploys.ts'
import type { Change } from '../investigation.ts'
import { changesOf } from '../what-changed.ts'
import { stallsOf } from './serve-compare.ts'
import type { ServeSettings } from './serve-settings.ts'

/** A sheet that begins without them is better than one that does not begin. */
const WAIT_MAX: Millis = seconds(3)

export async function askChanges(settings: ServeSettings, incident: IncidentDetail): Promise<readonly Change[]> {
  const { clock, deploys, incidents, comparisons, log } = settings
  const { fingerprint } = incident
  const now = clock.now()
  const late = new AbortController()
  const timer = clock.after(WAIT_MAX, () => late.abort())
  const orNull = <Answer>(asked: Promise<Answer | null>): Promise<Answer | null> =>
    asked.catch((error: unknown) => {
      log.error({ err: error, fingerprint }, 'what had changed could not be asked for')
      return null
    })
  const [effects, comparison] = await Promise.all([
    orNull(deploys.effectsOn({ id: fingerprint, from: now - EFFECTS_MS, to: now, now })),
    orNull(
      comparisons.compare(
        { kind: 'compare', a: stallsOf(incident, incidents.arranged()), b: 'healthy', now },
        late.signal,
      ),
    ),
  ])
  timer.cancel()
  return changesOf({ fingerprint, effects, comparison })
}
