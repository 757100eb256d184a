/** Out of here: Markdown that pastes into an issue or a chat, files, paper, and a new issue in the code's repository. */
import { useEffect, useMemo } from 'preact/hooks'
import type { InvestigationId } from '../../contract/investigations.ts'
import { repositoryOf } from '../model/investigation-words.ts'
import { Icon } from './icon.tsx'
import { say } from './said.tsx'
import { useScreen } from './screen.ts'
import type { Investigations } from './use-investigations.ts'

interface ExportProps {
  readonly id: InvestigationId
  readonly data: Investigations
}

export function ExportBar({ id, data }: ExportProps) {
  const { copy, codeLinks } = useScreen()
  const repository = repositoryOf(codeLinks.choice.value.repository)
  const copyMarkdown = async () => {
    const told = await data.exportText(id)
    if ('problem' in told) return say(`Not copied: ${told.problem.message}`)
    say((await copy(told.answer)) ? 'Markdown copied' : 'The browser refused to copy')
  }
  return (
    <span class="export-bar no-print">
      <button type="button" class="button" onClick={() => void copyMarkdown()}>
        <Icon name="copy" /> Copy as Markdown
      </button>
      <a class="button" href={data.exportPath(id, 'md')} download={`${id}.md`}>
        .md
      </a>
      <a class="button" href={data.exportPath(id, 'json')} download={`${id}.json`}>
        .json
      </a>
      <button type="button" class="button" onClick={() => print()}>
        Print
      </button>
      {repository !== null && <IssueButtons key={repository} id={id} data={data} repository={repository} />}
    </span>
  )
}

const SITE_NAMES = { github: 'GitHub', gitlab: 'GitLab' } as const

function IssueButtons({ id, data, repository }: ExportProps & { repository: string }) {
  const watch = useMemo(() => data.issueLinks(id, repository), [])
  useEffect(() => watch.stop, [watch])
  const { data: answer } = watch.state.value
  return (
    <>
      {answer?.links.map(({ site, href, isCut }) => (
        <a
          key={site}
          class="button"
          href={href}
          target="_blank"
          rel="noopener noreferrer"
          // What was written since goes along.
          onPointerEnter={watch.refresh}
          onFocus={watch.refresh}
          title={isCut ? 'The beginning, and a link to the whole' : undefined}
        >
          Issue on {SITE_NAMES[site]}
        </a>
      ))}
    </>
  )
}
