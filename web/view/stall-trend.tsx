/** When an incident came, half hour by half hour. */
import type { IncidentDetail } from '../../contract/stalls.ts'
import { fromIso, hours } from '../../contract/units.ts'
import { formatMinute } from '../model/format.ts'
import { deploysOf } from '../model/incidents.ts'
import { useScreen } from './screen.ts'
import { Spark } from './spark.tsx'

export function StallTrend({ incident }: { incident: IncidentDetail }) {
  const { live } = useScreen()
  return (
    <section class="card">
      <header>
        <h2>The last 24 hours</h2>
        <span class="grow" />
        <span class="hint">stalls in each half hour</span>
      </header>
      <div class="incident-trend">
        <Spark
          trend={incident.trend}
          trendFrom={incident.trendFrom}
          deploys={deploysOf(incident.deploys, incident)}
          height={96}
        />
        <p class="axis">
          <span>{formatMinute(fromIso(incident.trendFrom), live.now())}</span>
          <span>{formatMinute(fromIso(incident.trendFrom) + hours(12), live.now())}</span>
          <span>now</span>
        </p>
      </div>
    </section>
  )
}
