import type { IncomingMessage } from 'node:http'

/** A page of another site may neither read the feed nor have anything done; programs that are no browser send no origin. */
export function isSameHost({ headers: { origin, host } }: Pick<IncomingMessage, 'headers'>): boolean {
  return origin === undefined || URL.parse(origin)?.host === host
}
