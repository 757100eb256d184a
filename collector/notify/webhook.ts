/** One webhook, signed the way of Standard Webhooks 1.0 (standardwebhooks.com). */
import { Webhook } from 'standardwebhooks'
import type { Clock } from '../../contract/clock.ts'
import { hours, seconds, type Millis } from '../../contract/units.ts'
import { fetchWithin } from '../fetch-within.ts'
import type { Message } from './message.ts'

export interface WebhookSettings {
  readonly url: string
  /** `whsec_` and at least 24 bytes in base64. */
  readonly secret: string
  readonly clock: Clock
  readonly timeoutMs?: Millis
}

/** What became of one attempt. */
export type Telling =
  | { readonly result: 'told' }
  /** To be tried again, not before `retryAfterMs` when the receiver asked for that. */
  | { readonly result: 'failed'; readonly error: string; readonly retryAfterMs: Millis | null }
  /** The receiver is gone for good (410) and wants no more. */
  | { readonly result: 'disabled'; readonly error: string }

export type Tell = (message: Message) => Promise<Telling>

const TIMEOUT_MS = seconds(10)
const RETRY_AFTER_MS_MAX = hours(1)

/** @throws Error when the secret is not one */
export function openWebhook(settings: WebhookSettings): Tell {
  const { url, clock, timeoutMs = TIMEOUT_MS } = settings
  const signer = new Webhook(settings.secret)

  return async (message) => {
    // The time of this attempt, not of the event: receivers refuse signatures older than five minutes.
    const attemptedAt = clock.now()
    const response = await fetchWithin(clock, timeoutMs, url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'laststep',
        'webhook-id': message.id,
        'webhook-timestamp': String(Math.floor(attemptedAt / seconds(1))),
        'webhook-signature': signer.sign(message.id, new Date(attemptedAt), message.body),
      },
      body: message.body,
    })
    if (typeof response === 'string') return { result: 'failed', error: response, retryAfterMs: null }
    return tellingOf(response)
  }
}

function tellingOf(response: Response): Telling {
  if (response.ok) return { result: 'told' }
  if (response.status === 410) return { result: 'disabled', error: 'the receiver answered 410 Gone' }
  const isRedirect = response.status >= 300 && response.status < 400
  return {
    result: 'failed',
    error: `the receiver answered ${response.status}${isRedirect ? '; redirects are not followed' : ''}`,
    retryAfterMs: readRetryAfter(response.headers.get('retry-after')),
  }
}

/** Seconds only: a date would be by the receiver's clock. */
function readRetryAfter(header: string | null): Millis | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Math.min(seconds(Number(header)), RETRY_AFTER_MS_MAX) : null
}
