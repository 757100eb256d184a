/** A sheet that is open in this tab, as its page is shown it and edits it. */
import type { ReadonlySignal } from '@preact/signals'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Edit, Investigation } from '../../contract/investigations.ts'
import type { Instant } from '../../contract/units.ts'
import type { Clash } from './clash.ts'
import type { FieldName } from './sheet-fields.ts'
import type { Unsent } from './unsent.ts'

/** What could not be saved, and will not be: the collector says why. */
export interface Refused {
  readonly edit: Edit
  readonly message: string
}

export type Saving =
  | { readonly state: 'saved'; readonly at: Instant | null }
  | { readonly state: 'saving' }
  | { readonly state: 'retrying'; readonly message: string }

export interface SheetState {
  /** As the collector has it. Null until it has come. */
  readonly sheet: Investigation | null
  /** With what is on its way there: this is what the page shows. */
  readonly shown: Investigation | null
  readonly unsent: Unsent
  readonly saving: Saving
  readonly clashes: readonly Clash[]
  readonly refused: readonly Refused[]
  /** Why there is none, or no newer one. */
  readonly problem: { readonly code: ErrorCode | null; readonly message: string } | null
}

export interface OpenSheet {
  readonly state: ReadonlySignal<SheetState>
  /** Somebody is in this field, and out of it again. */
  enter(field: FieldName): void
  leave(field: FieldName): void
  type(field: FieldName, text: string): void
  /** At once, behind what was written before. */
  change(...edits: readonly Edit[]): void
  /** What the other one wrote was seen; `theirs` puts his text in the place of mine. */
  settle(field: FieldName, whose: 'mine' | 'theirs'): void
  forgetRefused(): void
  refresh(): void
  stop(): void
}
