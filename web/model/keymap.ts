export interface KeyEntry {
  readonly keys: string
  /** Another key that does the same. */
  readonly also?: string
  readonly says: string
  readonly where: string
}

/** Every key of the dashboard, once: the handler looks here, and so does the sheet behind `?`. */
export const KEYMAP = {
  palette: { keys: 'Ctrl+k', says: 'Go to anything, do anything', where: 'everywhere' },
  help: { keys: '?', says: 'Show all keys', where: 'everywhere' },
  'go-live': { keys: 'g l', says: 'Go to Live', where: 'everywhere' },
  'go-stalls': { keys: 'g s', says: 'Go to Stalls', where: 'everywhere' },
  'go-runs': { keys: 'g r', says: 'Go to Runs', where: 'everywhere' },
  'go-trends': { keys: 'g t', says: 'Go to Trends', where: 'everywhere' },
  pause: { keys: 'p', says: 'Pause or resume what is shown; nothing is lost', where: 'everywhere' },
  'copy-link': { keys: 'y', says: 'Copy a link to this page as it is now', where: 'everywhere' },
  'copy-its-link': { keys: 'c l', says: 'Copy the link of what is selected', where: 'row, run, span, message, log' },
  'copy-its-id': { keys: 'c i', says: 'Copy its id', where: 'row, run, span, message, log' },
  'copy-its-markdown': { keys: 'c m', says: 'Copy it as Markdown', where: 'row, run, span, message, log' },
  'copy-its-json': { keys: 'c j', says: 'Copy it as JSON', where: 'row, run, span, message, log' },
  filter: { keys: '/', says: 'Go to the first filter', where: 'everywhere' },
  close: { keys: 'Escape', says: 'Close, then clear the selection', where: 'everywhere' },
  next: { keys: 'j', says: 'Next row (also ↓ on the timeline)', where: 'lists and timeline' },
  previous: { keys: 'k', says: 'Previous row (also ↑ on the timeline)', where: 'lists and timeline' },
  open: { keys: 'Enter', says: 'Open the row', where: 'lists and timeline' },
  peek: { keys: 'o', says: 'Look at the run without leaving the list', where: 'lists and timeline' },
  'previous-run': { keys: '[', says: 'Previous run of that list', where: 'lists and timeline' },
  'next-run': { keys: ']', says: 'Next run of that list', where: 'lists and timeline' },
  'show-new': { keys: 'n', says: 'Show held new rows', where: 'Live and Stalls' },
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

/** A first key that waits for a second one, for this long. */
const PREFIX_MS = 1_000

/** What was pressed before; null when nothing waits. `at` is an event's own time stamp, ms. */
export type Prefix = { readonly key: string; readonly at: number } | null

/** Turn a key into an action, or into a prefix that waits for the next one. */
export function readKey(key: string, at: number, prefix: Prefix): { action: KeyAction | null; prefix: Prefix } {
  const chord = prefix !== null && at - prefix.at <= PREFIX_MS ? `${prefix.key} ${key}` : key
  // `+` without its Shift, on most keyboards.
  const meant = chord === '=' ? '+' : chord
  for (const [action, entry] of Object.entries<KeyEntry>(KEYMAP))
    if (entry.keys === meant || entry.also === meant) return { action: action as KeyAction, prefix: null }
  const startsChord = Object.values(KEYMAP).some((entry) => entry.keys.startsWith(`${key} `))
  return { action: null, prefix: startsChord ? { key, at } : null }
}
