/** What the panels of details are made of: a frame, and values with their copy buttons. */
import type { ComponentChildren } from 'preact'
import type { Attributes } from '../../contract/runs.ts'
import { attributeRows } from '../model/attributes.ts'
import type { CopyThing } from '../model/copy-forms.ts'
import { CopyButton, CopyMenu } from './copy.tsx'

interface PanelProps {
  readonly kind: string
  readonly title: string
  readonly copied?: CopyThing
  readonly children: ComponentChildren
}

export function Panel({ kind, title, copied, children }: PanelProps) {
  return (
    <aside class="card details" aria-label={`${kind} ${title}`}>
      <header>
        <h2 title={title}>{title}</h2>
        <span class="hint">{kind.toLowerCase()}</span>
        {copied && (
          <>
            <span class="grow" />
            <CopyMenu thing={copied} />
          </>
        )}
      </header>
      {children}
    </aside>
  )
}

export function AttributePairs({ attributes }: { attributes: Attributes }) {
  const rows = attributeRows(attributes)
  if (rows.length === 0) return <p class="empty">None.</p>
  return (
    <dl class="pairs">
      {rows.map(({ key, value }) => (
        <Pair key={key} name={key} value={value} isCode />
      ))}
    </dl>
  )
}

interface PairProps {
  readonly name: string
  readonly value: string
  /** What the button copies, when that is more exact than what is shown. */
  readonly copied?: string
  readonly isCode?: boolean
  readonly children?: ComponentChildren
}

export function Pair({ name, value, copied, isCode, children }: PairProps) {
  const isLong = value.includes('\n')
  return (
    <div class={isLong ? 'is-long' : ''}>
      <dt>{breakable(name)}</dt>
      <dd class={isCode ? 'mono' : ''} title={copied}>
        {isLong ? <pre tabIndex={0}>{value}</pre> : <span>{children ?? value}</span>}
        <CopyButton text={copied ?? value} what={name} />
      </dd>
    </div>
  )
}

/** A long key breaks after a dot rather than anywhere. */
function breakable(key: string): ComponentChildren {
  return key.split('.').flatMap((part, index) => (index === 0 ? [part] : ['.', <wbr key={index} />, part]))
}
