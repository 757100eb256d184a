/** A line of code: copied whole, and opened where the reader's templates say. */
import type { CodeLocation } from '../../contract/runs.ts'
import { codeAddress } from '../model/code-link.ts'
import { fitCode, formatCode } from '../model/format.ts'
import { CopyButton } from './copy.tsx'
import { Icon } from './icon.tsx'
import { useScreen } from './screen.ts'

interface CodeAtProps {
  readonly code: CodeLocation
  /** Of the service that runs it; null when it is not known, or not one. */
  readonly version: string | null
}

export function CodeAt({ code, version }: CodeAtProps) {
  const { codeLinks } = useScreen()
  const links = codeLinks.choice.value
  const repository = codeAddress(links.repository, code, version, links)
  const editor = codeAddress(links.editor, code, version, links)
  return (
    <span class="code-at mono" title={formatCode(code)}>
      {repository === null ? (
        fitCode(code)
      ) : (
        <a href={repository} target="_blank" rel="noopener noreferrer">
          {fitCode(code)}
        </a>
      )}{' '}
      <CopyButton text={formatCode(code)} what="code location" />
      {editor !== null && (
        <a class="copy" href={editor} aria-label="Open in the editor" title="Open in the editor">
          <Icon name="editor" />
        </a>
      )}
    </span>
  )
}
