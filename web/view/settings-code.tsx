/** Where a line of code can be read: templates that make a link of every code location. */
import { useSignal } from '@preact/signals'
import { codeAddress, NO_CODE_LINKS, problemOfTemplate, type CodeLinks } from '../model/code-link.ts'
import { useScreen } from './screen.ts'

const EXAMPLE = { file: '/app/src/tools/search-orders.ts', line: 88, function: 'searchOrders' }
const EXAMPLE_VERSION = '1.4.2'

export function CodeSettings() {
  const { codeLinks } = useScreen()
  const links = codeLinks.choice.value
  const choose = (change: Partial<CodeLinks>) => codeLinks.choose({ ...links, ...change })
  const isSet = Object.values(links).some((text) => text !== '')
  return (
    <section class="card settings" aria-labelledby="code">
      <header>
        <h2 id="code">Code links</h2>
        <span class="hint">in this browser</span>
        <span class="grow" />
        <button type="button" class="button" disabled={!isSet} onClick={() => codeLinks.choose(NO_CODE_LINKS)}>
          Clear
        </button>
      </header>
      <p class="in-card">
        A run says at which line it stands. Say here where that line can be read, and it becomes a link.{' '}
        <span class="hint">
          {'{path}'} is the file, {'{line}'} the line, {'{version}'} the version of the service that runs it.
        </span>
      </p>
      <Template
        name="Repository"
        example="https://github.com/acme/agent/blob/v{version}/{path}#L{line}"
        value={links.repository}
        links={links}
        choose={(repository) => choose({ repository })}
      />
      <Template
        name="Editor"
        example="vscode://file/home/me/agent/{path}:{line}"
        value={links.editor}
        links={links}
        choose={(editor) => choose({ editor })}
      />
      <div class="setting">
        <label class="field is-wide">
          <span>Where the agent runs, its files begin with</span>
          <input
            key={links.root}
            type="text"
            class="mono"
            defaultValue={links.root}
            spellcheck={false}
            autocomplete="off"
            onChange={(event) => choose({ root: event.currentTarget.value.trim() })}
          />
        </label>
        <p class="hint">
          Left out of {'{path}'}: <code>{EXAMPLE.file}</code> is then <code>src/tools/search-orders.ts</code> with
          /app/.
        </p>
      </div>
    </section>
  )
}

interface TemplateProps {
  readonly name: string
  readonly example: string
  readonly value: string
  readonly links: CodeLinks
  readonly choose: (template: string) => void
}

function Template({ name, example, value, links, choose }: TemplateProps) {
  /** Written and not right yet: nothing is linked by it. */
  const wrong = useSignal<{ readonly problem: string } | null>(null)
  const id = `template-${name.toLowerCase()}`
  const address = codeAddress(value, EXAMPLE, EXAMPLE_VERSION, links)
  return (
    <div class="setting">
      <label class="field is-wide">
        <span>{name}</span>
        <input
          key={value}
          type="text"
          class="mono"
          defaultValue={value}
          spellcheck={false}
          autocomplete="off"
          aria-describedby={id}
          aria-invalid={wrong.value !== null}
          onChange={(event) => {
            const written = event.currentTarget.value.trim()
            const problem = problemOfTemplate(written)
            wrong.value = problem === null ? null : { problem }
            if (problem === null) choose(written)
          }}
        />
      </label>
      <p id={id} class="hint" role="status">
        {wrong.value !== null ? (
          <span class="field-problem">{wrong.value.problem}</span>
        ) : address === null ? (
          `For instance ${example}`
        ) : (
          <>
            {EXAMPLE.file}:{EXAMPLE.line} leads to <a href={address}>{address}</a>
          </>
        )}
      </p>
    </div>
  )
}
