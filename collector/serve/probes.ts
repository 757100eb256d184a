/**
 * What machines ask: does the process live, can its verdicts be trusted, what does it count. A collector whose main
 * thread hangs answers none of these: whoever asks must take silence for an answer.
 */
import { Router } from 'express'
import type { Readiness } from '../../contract/health.ts'
import type { ServeSettings } from './serve-settings.ts'

export function probes({ health, metrics }: Pick<ServeSettings, 'health' | 'metrics'>): Router {
  const router = Router()
  router.use(['/healthz', '/readyz', '/metrics'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store')
    next()
  })
  router.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n')
  })
  router.get('/readyz', (_request, response) => {
    const { ready, checks } = health()
    response.status(ready ? 200 : 503).json({ ready, checks } satisfies Readiness)
  })
  router.get('/metrics', (_request, response) => {
    const { type, text } = metrics()
    response.set('Content-Type', type).send(text)
  })
  return router
}
