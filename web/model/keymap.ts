export interface KeyEntry {
  readonly keys: string
  /** Another key that does the same. */
  readonly also?: string
  readonly says: string
  readonly where: string
}

/** Every key of the dashboard, once: the handler looks here, and so do the sheet behind `?`, the palette and the settings. */
export const KEYMAP = {
  palette: { keys: 'Ctrl+k', says: 'Go to anything, do anything', where: 'everywhere' },
  help: { keys: '?', says: 'Show all keys', where: 'everywhere' },
  'go-live': { keys: 'g l', says: 'Go to Live', where: 'everywhere' },
  'go-stalls': { keys: 'g s', says: 'Go to Stalls', where: 'everywhere' },
  'go-runs': { keys: 'g r', says: 'Go to Runs', where: 'everywhere' },
  'go-trends': { keys: 'g t', says: 'Go to Trends', where: 'everywhere' },
  'go-investigations': { keys: 'g i', says: 'Go to Investigations', where: 'everywhere' },
  pause: { keys: 'p', says: 'Pause or resume what is shown; nothing is lost', where: 'everywhere' },
  zone: { keys: 'u', says: 'Say times in UTC, or in your own zone', where: 'everywhere' },
  'copy-link': { keys: 'y', says: 'Copy a link to this page as it is now', where: 'everywhere' },
  'copy-its-link': { keys: 'c l', says: 'Copy the link of what is selected', where: 'row, run, span, message, log' },
  'copy-its-id': { keys: 'c i', says: 'Copy its id', where: 'row, run, span, message, log' },
  'copy-its-markdown': { keys: 'c m', says: 'Copy it as Markdown', where: 'row, run, span, message, log' },
  'copy-its-json': { keys: 'c j', says: 'Copy it as JSON', where: 'row, run, span, message, log' },
  pin: { keys: 'b', says: 'Add what is selected to an investigation', where: 'everywhere' },
  filter: { keys: '/', says: 'Go to the first filter', where: 'everywhere' },
  close: { keys: 'Escape', says: 'Close, then clear the selection; leave the wall', where: 'everywhere' },
  next: { keys: 'j', says: 'Next row (also ↓ on the timeline)', where: 'lists and timeline' },
  previous: { keys: 'k', says: 'Previous row (also ↑ on the timeline)', where: 'lists and timeline' },
  open: { keys: 'Enter', says: 'Open the row', where: 'lists and timeline' },
  peek: { keys: 'o', says: 'Look at the run without leaving the list', where: 'lists and timeline' },
  select: { keys: 'x', says: 'Select the row, or not', where: 'Runs' },
  'select-next': { keys: 'J', says: 'Select on to the next row', where: 'Runs' },
  'select-previous': { keys: 'K', says: 'Select on to the previous row', where: 'Runs' },
  'previous-run': { keys: '[', says: 'Previous run of that list', where: 'lists and timeline' },
  'next-run': { keys: ']', says: 'Next run of that list', where: 'lists and timeline' },
  'show-new': { keys: 'n', says: 'Show held new rows', where: 'Live and Stalls' },
  acknowledge: { keys: 'e', says: 'Acknowledge the stalls of the row or the page', where: 'Stalls' },
  mute: { keys: 'm', says: 'Mute them until something happens', where: 'Stalls' },
  'zoom-in': { keys: '+', also: 'w', says: 'Zoom in', where: 'timeline' },
  'zoom-out': { keys: '-', also: 's', says: 'Zoom out', where: 'timeline' },
  'pan-left': { keys: 'a', says: 'Move to earlier', where: 'timeline' },
  'pan-right': { keys: 'd', says: 'Move to later', where: 'timeline' },
  'zoom-span': { keys: 'f', says: 'Zoom to the span; again, to all below it', where: 'timeline' },
  fit: { keys: '0', says: 'Fit the whole run', where: 'timeline' },
  follow: { keys: 't', says: 'Follow now', where: 'timeline' },
  'next-sibling': { keys: '.', says: 'Next span beside it', where: 'timeline' },
  'previous-sibling': { keys: ',', says: 'Previous span beside it', where: 'timeline' },
  'next-problem': { keys: '!', says: 'Next problem', where: 'timeline' },
  'event-1': { keys: '1', says: 'First critical event', where: 'timeline' },
  'event-2': { keys: '2', says: 'Second critical event', where: 'timeline' },
  'event-3': { keys: '3', says: 'Third critical event', where: 'timeline' },
  'event-4': { keys: '4', says: 'Fourth critical event', where: 'timeline' },
  'event-5': { keys: '5', says: 'Fifth critical event', where: 'timeline' },
} as const satisfies Readonly<Record<string, KeyEntry>>

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

/** All keys of an action: the usual ones, or the reader's own in their place; none when they are switched off. */
export function allKeysOf(action: KeyAction, choice: KeyChoice): readonly string[] {
  const keys = keysOf(action, choice)
  if (keys === null) return []
  const { also }: KeyEntry = KEYMAP[action]
  return also === undefined || choice.own[action] !== undefined ? [keys] : [keys, also]
}

/** The keys of an action, as they are shown; null when they are switched off. */
export function keysOf(action: KeyAction, { areOn, own }: KeyChoice): string | null {
  if (isFixed(action)) return KEYMAP[action].keys
  return areOn ? (own[action] ?? KEYMAP[action].keys) : null
}

/** What is wrong with these keys for this action; null when nothing is. */
export function problemOfKeys(action: KeyAction, keys: string, choice: KeyChoice): string | null {
  if (!/^\S( \S)?$/u.test(keys)) return 'One character, or two with a space between them.'
  for (const other of KEY_ACTIONS) {
    if (other === action) continue
    for (const taken of allKeysOf(other, { ...choice, areOn: true })) {
      if (taken === keys) return `${keys} is taken: ${KEYMAP[other].says}.`
      if (taken.startsWith(`${keys} `) || keys.startsWith(`${taken} `))
        return `${keys} and ${taken} begin alike: ${KEYMAP[other].says}.`
    }
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
  const held = KEY_ACTIONS.flatMap((action) => allKeysOf(action, choice).map((keys) => [action, keys] as const))
  // `+` without its Shift, on most keyboards.
  const found = held.find(([, keys]) => keys === chord) ?? held.find(([, keys]) => keys === '+' && chord === '=')
  if (found !== undefined) return { action: found[0], prefix: null }
  const startsChord = held.some(([, keys]) => keys.startsWith(`${key} `))
  return { action: null, prefix: startsChord ? { key, at } : null }
}

function isAction(action: string): action is KeyAction {
  return Object.hasOwn(KEYMAP, action)
}

function isNamed(keys: string): boolean {
  return !keys.includes(' ') && keys.length > 1
}
