import { readFileSync } from 'node:fs'

/**
 * The tokens of a file, one a line: as they are, or as the JSON that handed them out (`{"token": "…"}`). Empty lines and
 * those that begin with # are skipped.
 * @throws Error when the file cannot be read or has none
 */
export function readTokens(path: string): string[] {
  const tokens = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(tokenOf)
  if (tokens.length === 0) throw new Error(`${path} has no token in it; write one a line`)
  return tokens
}

function tokenOf(line: string): string {
  if (!line.startsWith('{')) return line
  const { token } = JSON.parse(line) as { token?: unknown }
  if (typeof token !== 'string')
    throw new Error(`a line that begins with { must be JSON with a "token": ${line.slice(0, 40)}`)
  return token
}
