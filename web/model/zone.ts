/** The zone in which the page says every time. */
import { signal } from '@preact/signals'

export const ZONES = ['local', 'utc'] as const
export type Zone = (typeof ZONES)[number]

/** A view that formats a time reads it on the way, and so is drawn again when it changes. */
export const zone = signal<Zone>('local')
