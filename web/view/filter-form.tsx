/** What a page's filters are made of. All of them end in the address; a form keeps nothing of its own. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import type { FilterField } from '../../contract/search.ts'
import { count } from '../model/format.ts'
import { useScreen } from './screen.ts'

interface FilterFormProps {
  /** What is narrowed. */
  readonly label: string
  /**
   * Left out where every field applies itself.
   * @param text what stands in a field now, without the space around it
   */
  readonly apply?: (text: (name: string) => string) => void
  readonly children: ComponentChildren
}

export function FilterForm({ label, apply, children }: FilterFormProps) {
  return (
    <form
      class="filters"
      role="search"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        const entries = new FormData(event.currentTarget)
        apply?.((name) => String(entries.get(name) ?? '').trim())
      }}
    >
      {children}
    </form>
  )
}

interface TextFieldProps {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly title?: string
  /** Values that exist are offered while somebody types. */
  readonly completes?: FilterField
}

export function TextField({ name, label, value, title, completes }: TextFieldProps) {
  const typed = useSignal<string | null>(null)
  const note = (event: { readonly currentTarget: HTMLInputElement }) => (typed.value = event.currentTarget.value.trim())
  return (
    <label class="field">
      <span>{label}</span>
      {/* Another address is another value: the key makes a fresh input of it. */}
      <input
        key={value}
        type="text"
        name={name}
        defaultValue={value}
        title={title}
        autocomplete="off"
        spellcheck={false}
        list={completes && `values-${completes}`}
        onFocus={note}
        onInput={note}
      />
      {completes && typed.value !== null && <Completions field={completes} like={typed.value} />}
    </label>
  )
}

function Completions({ field, like }: { field: FilterField; like: string }) {
  const { watchValues } = useScreen()
  const watch = useMemo(() => watchValues(field, like), [field, like])
  useEffect(() => watch.stop, [watch])
  const { data } = watch.state.value
  return (
    <datalist id={`values-${field}`}>
      {data?.values.map(({ value, runs }) => (
        <option key={value} value={value}>
          {runs === null ? '' : runs < data.runsMax ? count(runs, 'run') : `${count(runs, 'run')} and more`}
        </option>
      ))}
    </datalist>
  )
}

interface ChoiceFieldProps {
  readonly label: string
  /** What '' is called. */
  readonly none: string
  readonly value: string
  readonly options: readonly string[]
  /** Options that are not said as they are. */
  readonly words?: Readonly<Record<string, string>>
  readonly choose: (value: string) => void
}

export function ChoiceField({ label, none, value, options, words = {}, choose }: ChoiceFieldProps) {
  // What the address says is there, also when no run of this time has it.
  const all = value === '' || options.includes(value) ? options : [value, ...options]
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{none}</option>
        {all.map((option) => (
          <option key={option} value={option}>
            {words[option] ?? option}
          </option>
        ))}
      </select>
    </label>
  )
}

/** On a phone what is narrowed comes first, and the fields unfold when asked for. */
export function FoldChip({ isFolded }: { isFolded: Signal<boolean> }) {
  return (
    <button
      type="button"
      class="chip narrow-only"
      aria-expanded={!isFolded.value}
      onClick={() => (isFolded.value = !isFolded.value)}
    >
      Filters
    </button>
  )
}
