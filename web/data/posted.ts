/** Browsers refuse longer ones that are to outlive their page: 64 KiB, in all that are under way. */
const LASTING_CHARS = 16_000

/** A request that writes. A short one outlives the page: what was typed last is on its way when a tab is closed. */
export function posted(value: unknown): RequestInit {
  const body = JSON.stringify(value)
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  return { method: 'POST', headers, body, keepalive: body.length <= LASTING_CHARS }
}
