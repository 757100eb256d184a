/** Every key of the dashboard, once: the handler looks here, and so do the sheet behind `?` and the settings. */
export const KEYMAP = {
  help: { keys: '?', says: 'Show this sheet', where: 'everywhere' },
  'go-live': { keys: 'g l', says: 'Go to Live', where: 'everywhere' },
  'go-stalls': { keys: 'g s', says: 'Go to Stalls', where: 'everywhere' },
  'go-runs': { keys: 'g r', says: 'Go to Runs', where: 'everywhere' },
  'go-trends': { keys: 'g t', says: 'Go to Trends', where: 'everywhere' },
  pause: { keys: 'p', says: 'Pause or resume what is shown; nothing is lost', where: 'everywhere' },
  zone: { keys: 'u', says: 'Say times in UTC, or in your own zone', where: 'everywhere' },
  'copy-link': { keys: 'y', says: 'Copy a link to this page', where: 'everywhere' },
  close: { keys: 'Escape', says: 'Close, then clear the selection; leave the wall', where: 'everywhere' },
  next: { keys: 'j', says: 'Next row (also ↓ on the timeline)', where: 'lists and timeline' },
  previous: { keys: 'k', says: 'Previous row (also ↑ on the timeline)', where: 'lists and timeline' },
  open: { keys: 'Enter', says: 'Open the row', where: 'lists and timeline' },
  'show-new': { keys: 'n', says: 'Show held new rows', where: 'Live and Stalls' },
  'zoom-in': { keys: '+', says: 'Zoom in', where: 'timeline' },
  'zoom-out': { keys: '-', says: 'Zoom out', where: 'timeline' },
  fit: { keys: '0', says: 'Fit the whole run', where: 'timeline' },
  follow: { keys: 't', says: 'Follow now', where: 'timeline' },
} as const satisfies Readonly<Record<string, { readonly keys: string; readonly says: string; readonly where: string }>>

export type KeyAction = keyof typeof KEYMAP
export const KEY_ACTIONS = Object.keys(KEYMAP) as KeyAction[]

/** Keys of one character are those that people dictate or press by accident; they may be other ones, or none (WCAG 2.1.4). */
export interface KeyChoice {
  readonly areOn: boolean
  /** What the reader put in the place of the usual ones. */
  readonly own: { readonly [action in KeyAction]?: string }
}

export const USUAL_KEYS: KeyChoice = { areOn: true, own: {} }

/** Those with a name, which the browser knows as well, stay what they are. */
export function isFixed(action: KeyAction): boolean {
  return isNamed(KEYMAP[action].keys)
}

/** The keys of an action; null when they are switched off. */
export function keysOf(action: KeyAction, { areOn, own }: KeyChoice): string | null {
  if (isFixed(action)) return KEYMAP[action].keys
  return areOn ? (own[action] ?? KEYMAP[action].keys) : null
}

/** What is wrong with these keys for this action; null when nothing is. */
export function problemOfKeys(action: KeyAction, keys: string, choice: KeyChoice): string | null {
  if (!/^\S( \S)?$/u.test(keys)) return 'One character, or two with a space between them.'
  for (const other of KEY_ACTIONS) {
    const taken = other === action ? null : keysOf(other, { ...choice, areOn: true })
    if (taken === null) continue
    if (taken === keys) return `${keys} is taken: ${KEYMAP[other].says}.`
    if (taken.startsWith(`${keys} `) || keys.startsWith(`${taken} `))
      return `${keys} and ${taken} begin alike: ${KEYMAP[other].says}.`
  }
  return null
}

/** What was stored, by this version or another; null when it is no choice of keys. */
export function readKeyChoice(stored: unknown): KeyChoice | null {
  if (typeof stored !== 'object' || stored === null || !('areOn' in stored)) return null
  const { areOn, own } = stored as { areOn: unknown; own?: unknown }
  const kept: { [action in KeyAction]?: string } = {}
  const choice: KeyChoice = { areOn: areOn !== false, own: kept }
  for (const [action, keys] of Object.entries(typeof own === 'object' && own !== null ? own : {}))
    if (isAction(action) && !isFixed(action) && typeof keys === 'string' && !problemOfKeys(action, keys, choice))
      kept[action] = keys
  return choice
}

/** A first key that waits for a second one, for this long. */
const PREFIX_MS = 1_000

/** What was pressed before; null when nothing waits. `at` is an event's own time stamp, ms. */
export type Prefix = { readonly key: string; readonly at: number } | null

/** Turn a key into an action, or into a prefix that waits for the next one. */
export function readKey(
  key: string,
  at: number,
  prefix: Prefix,
  choice: KeyChoice,
): { action: KeyAction | null; prefix: Prefix } {
  const chord = prefix !== null && at - prefix.at <= PREFIX_MS ? `${prefix.key} ${key}` : key
  const held = KEY_ACTIONS.map((action) => [action, keysOf(action, choice)] as const)
  const found = held.find(([, keys]) => keys === chord) ?? held.find(([, keys]) => keys === '+' && chord === '=')
  if (found !== undefined) return { action: found[0], prefix: null }
  const startsChord = held.some(([, keys]) => keys?.startsWith(`${key} `))
  return { action: null, prefix: startsChord ? { key, at } : null }
}

function isAction(action: string): action is KeyAction {
  return Object.hasOwn(KEYMAP, action)
}

function isNamed(keys: string): boolean {
  return !keys.includes(' ') && keys.length > 1
}
