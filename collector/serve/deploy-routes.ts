/** Deploys: announced, listed, and what became of an incident with each. */
import { json, Router } from 'express'
import type { DeployEffects } from '../../contract/deploys.ts'
import type { Clock } from '../../contract/clock.ts'
import type { Deploys } from '../deploys.ts'
import { readFingerprint } from '../fingerprint.ts'
import { answer } from './answer.ts'
import { readAnnouncement, readDeployQuery, readEffectQuery } from './read-deploy.ts'
import { Refusal } from './refusal.ts'

/** A note and an address. */
const BODY_MAX = '16kb'

export function deployRoutes(deploys: Deploys, clock: Clock): Router {
  const router = Router()
  router.get(
    '/deploys',
    answer((request) => deploys.list(readDeployQuery(request.query, clock.now()))),
  )
  router.post(
    '/deploys',
    json({ limit: BODY_MAX }),
    answer(async (request, response) => {
      const told = await deploys.announce(readAnnouncement(request.body, clock.now()))
      if (told.isNew) response.status(201)
      return told
    }),
  )
  router.get(
    '/stalls/:fingerprint/deploys',
    answer((request) => {
      const range = readEffectQuery(request.query, clock.now())
      return readEffects(deploys, String(request.params['fingerprint']), range, clock)
    }),
  )
  return router
}

async function readEffects(
  deploys: Deploys,
  written: string,
  range: ReturnType<typeof readEffectQuery>,
  clock: Clock,
): Promise<DeployEffects> {
  const id = readFingerprint(written)
  const effects = id === null ? null : await deploys.effectsOn({ id, ...range, now: clock.now() })
  if (effects === null)
    throw new Refusal(
      'not-found',
      `no incident has the fingerprint ${written}; it may be mistyped or too short, or its stalls are older than what is kept`,
    )
  return effects
}
