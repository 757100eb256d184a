/** Deploys: announced at the desk, listed by the history together with those it has seen. */
import type { Deploy, DeployAnswer, DeployEffects, DeployList } from '../contract/deploys.ts'
import { hours, toIso, type Instant, type Millis } from '../contract/units.ts'
import type { AnnouncedDeploy, Announced } from './announced-deploy.ts'
import type { DeployQuery, EffectQuery } from './deploy-query.ts'

export interface DeploysSettings {
  readonly desk: {
    all(): AnnouncedDeploy[]
    announce(deploy: AnnouncedDeploy): Announced
  }
  readonly history: {
    setAnnounced(deploys: readonly AnnouncedDeploy[]): Promise<void>
    list(from: Instant, to: Instant): Promise<readonly Deploy[]>
    effectsOn(query: EffectQuery): Promise<DeployEffects | null>
  }
  readonly now: () => Instant
  readonly log: { error(facts: object, text: string): void }
}

export interface Deploys {
  announce(deploy: AnnouncedDeploy): Promise<DeployAnswer>
  list(query: DeployQuery): Promise<DeployList>
  /** What became of an incident with each; null when there is no such incident. */
  effectsOn(query: EffectQuery): Promise<DeployEffects | null>
  /** The deploy that raised the rate of an incident, when the numbers carry it. Never throws. */
  suspectOf(fingerprint: string): Promise<Deploy | null>
}

/** An incident is asked about with the deploys of so long. */
export const EFFECTS_MS: Millis = hours(7 * 24)

export function openDeploys({ desk, history, now, log }: DeploysSettings): Deploys {
  const tellHistory = () => history.setAnnounced(desk.all())
  tellHistory().catch((error: unknown) => log.error({ err: error }, 'the history was not told of announced deploys'))
  return {
    async announce(announced) {
      const { deploy, isNew } = desk.announce(announced)
      // Whoever is answered finds it in every list.
      if (isNew) await tellHistory()
      return { deploy: { ...deploy, at: toIso(deploy.at) }, isNew }
    },
    async list({ from, to, limit, ...wanted }) {
      const all = await history.list(from, to)
      const fields = ['service', 'environment', 'version'] as const
      const fit = all.filter((deploy) =>
        fields.every((field) => wanted[field] === undefined || deploy[field] === wanted[field]),
      )
      return { deploys: fit.slice(-limit).toReversed(), total: fit.length }
    },
    effectsOn: (query) => history.effectsOn(query),
    async suspectOf(fingerprint) {
      const at = now()
      try {
        const effects = await history.effectsOn({ id: fingerprint, from: at - EFFECTS_MS, to: at, now: at })
        return effects?.suspect ?? null
      } catch (error) {
        log.error({ err: error, fingerprint }, 'no deploy could be asked about')
        return null
      }
    },
  }
}
