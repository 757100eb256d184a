import type { ReadonlySignal } from '@preact/signals'
import { formatCount } from '../model/format.ts'
import { describeWaiting } from '../model/held-list.ts'
import { Icon } from './icon.tsx'
import { KeyHint } from './key-hint.tsx'
import type { HeldList } from './use-held-list.ts'

interface ListHeaderProps {
  readonly title: string
  readonly total: ReadonlySignal<number>
  readonly list: HeldList
}

/** What a held list is called, how long it is, and what waits to be let in. */
export function ListHeader({ title, total, list }: ListHeaderProps) {
  const waiting = describeWaiting(list.waiting.value)
  return (
    <header>
      <h2>{title}</h2>
      <span class="count">{formatCount(total.value)}</span>
      {waiting !== '' && (
        <button
          type="button"
          class="button is-primary"
          onClick={() => {
            list.show()
            scrollTo({ top: 0, behavior: 'instant' })
          }}
        >
          <Icon name="up" />
          {waiting} — show <KeyHint action="show-new" />
        </button>
      )}
      <span class="grow" />
      {waiting !== '' && <span class="hint wide-only">held while you point, focus or scroll</span>}
    </header>
  )
}
