/** Which versions and which users an incident met. */
import type { IncidentDetail } from '../../contract/stalls.ts'
import { count, formatCount } from '../model/format.ts'
import { paths } from '../paths.ts'
import { CopyButton } from './copy.tsx'

const NAMES_MAX = 20

export function StallVersions({ incident }: { incident: IncidentDetail }) {
  const most = Math.max(1, ...incident.versions.map(({ stalls }) => stalls))
  return (
    <section class="card">
      <header>
        <h2>By version</h2>
      </header>
      <ul class="shares" role="list">
        {incident.versions.map(({ version, stalls }) => (
          <li key={version}>
            <span class="mono">{version ?? 'none named'}</span>
            <span class="share">
              <i style={{ width: `${(stalls / most) * 100}%` }} />
            </span>
            <span class="number">{formatCount(stalls)}×</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function StallUsers({ incident }: { incident: IncidentDetail }) {
  const { users, userIds } = incident
  return (
    <section class="card">
      <header>
        <h2>Users</h2>
        <span class="count">{formatCount(users)}</span>
        <span class="grow" />
        {users > 0 && <CopyButton text={userIds.join('\n')} what="list of users" />}
      </header>
      {users === 0 ? (
        <p class="empty">None of these runs says whose it is.</p>
      ) : (
        <p class="in-card names">
          {userIds.slice(0, NAMES_MAX).map((id) => (
            <a key={id} href={paths.runs({ user: id })}>
              {id}
            </a>
          ))}
          {users > NAMES_MAX && <span class="hint">and {count(users - NAMES_MAX, 'other')}</span>}
        </p>
      )}
    </section>
  )
}
