/** One sheet: the problem, the whys under it, what they rest on, and what follows. Everything is written in place. */
import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso/router'
import { INVESTIGATION_STATES, SHEET_LIMITS, type Investigation } from '../../contract/investigations.ts'
import { formatClock, labelOf, shortId } from '../model/format.ts'
import { editWords } from '../model/investigation-words.ts'
import type { OpenSheet } from '../model/open-sheet.ts'
import { readField, textOf } from '../model/sheet-fields.ts'
import { paths } from '../paths.ts'
import { CopyButton } from './copy.tsx'
import { Chain } from './investigation-chain.tsx'
import { EvidenceList, EvidencePopover } from './investigation-evidence.tsx'
import { ExportBar } from './investigation-export.tsx'
import { ClashNotice, SheetField } from './investigation-field.tsx'
import { HistoryButton } from './investigation-history.tsx'
import { Actions, DetectionCard, Notes, TimelineCard } from './investigation-parts.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useInvestigations, type Investigations } from './use-investigations.ts'
import { useScreen, type Problem } from './screen.ts'

/** What the address says instead of an id to begin a sheet. */
const NEW = 'new'

export function InvestigationPage() {
  const id = useRoute().params['id'] ?? ''
  const data = useInvestigations()
  if (data === null) return <Coming title="Investigation" />
  return id === NEW ? <Beginning data={data} /> : <OpenedSheet key={id} id={id} data={data} />
}

function Coming({ title }: { title: string }) {
  return (
    <section class="card" aria-busy="true">
      <h1 class="sr">{title}</h1>
      <SkeletonRows />
    </section>
  )
}

/** Begins one about what the address names, then is that one: going back does not begin another. */
function Beginning({ data }: { data: Investigations }) {
  const { query, route } = useLocation()
  const problem = useSignal<Problem | null>(null)
  const key = useMemo(data.makeKey, [])
  const begin = async () => {
    problem.value = null
    const { incident, run } = query
    const told = await data.begin({ ...(incident && { incident }), ...(run && { run }) }, key)
    if ('answer' in told) route(paths.investigation(told.answer.id), true)
    else problem.value = told.problem
  }
  useEffect(() => void begin(), [])
  if (problem.value !== null)
    return (
      <>
        <h1>The investigation could not be begun</h1>
        <ProblemBox problem={problem.value} retry={() => void begin()} />
      </>
    )
  return <Coming title="A new investigation" />
}

function OpenedSheet({ id, data }: { id: string; data: Investigations }) {
  const open = useMemo(() => data.open(id), [])
  useEffect(() => open.stop, [open])
  const sheet = useComputed(() => open.state.value.shown).value
  const problem = useComputed(() => open.state.value.problem).value
  useEffect(() => {
    document.title = `${id}${sheet === null ? '' : ` ${sheet.title}`} · Laststep`
  }, [sheet?.title])
  if (sheet !== null)
    return (
      <>
        {/* That nobody answers is said at the top of every page, and beside what is not saved. */}
        {problem !== null && problem.code !== null && <ProblemBox problem={problem} retry={open.refresh} />}
        <Sheet open={open} sheet={sheet} data={data} />
      </>
    )
  if (problem?.code === 'not-found') return <UnknownInvestigation id={id} />
  if (problem) return <ProblemBox problem={problem} retry={open.refresh} />
  return <Coming title={id} />
}

function Sheet({ open, sheet, data }: { open: OpenSheet; sheet: Investigation; data: Investigations }) {
  return (
    <div class="sheet-page">
      <Head open={open} sheet={sheet} data={data} />
      <Refusals open={open} />
      <Orphans open={open} sheet={sheet} />
      <section class="card">
        <header>
          <h2>Problem</h2>
        </header>
        <Text open={open} name="problem" label="Problem" placeholder="What happened, to whom, since when" />
      </section>
      <Chain open={open} sheet={sheet} />
      <EvidenceList open={open} sheet={sheet} />
      <div class="sheet-pair">
        <section class="card">
          <header>
            <h2>Contributing factors</h2>
          </header>
          <Text open={open} name="contributing" label="Contributing factors" placeholder="What else had to be so" />
        </section>
        <section class="card">
          <header>
            <h2>What limited the damage</h2>
          </header>
          <Text
            open={open}
            name="limited"
            label="What limited the damage"
            placeholder="What kept it from being worse"
          />
        </section>
      </div>
      <Actions open={open} sheet={sheet} />
      <div class="sheet-pair">
        <Notes open={open} sheet={sheet} />
        <DetectionCard open={open} sheet={sheet} />
      </div>
      <TimelineCard data={data} sheet={sheet} />
      <EvidencePopover sheet={sheet} />
    </div>
  )
}

interface TextProps {
  readonly open: OpenSheet
  readonly name: 'problem' | 'contributing' | 'limited'
  readonly label: string
  readonly placeholder: string
}

function Text(props: TextProps) {
  return <SheetField {...props} kind="markdown" charsMax={SHEET_LIMITS.text} />
}

function Head({ open, sheet, data }: { open: OpenSheet; sheet: Investigation; data: Investigations }) {
  const { id, title, fingerprint, runId, state } = sheet
  return (
    <section class="card sheet-head">
      <h1 class="sr">
        {id} {title}
      </h1>
      <SheetField
        open={open}
        name="title"
        label="Title"
        kind="line"
        placeholder="What it is about"
        charsMax={SHEET_LIMITS.title}
      />
      <div class="sheet-facts">
        <span class="run-id mono">
          {id} <CopyButton text={id} what="investigation id" />
        </span>
        {fingerprint !== null && (
          <a class="mono" href={paths.stall(fingerprint)}>
            {labelOf(fingerprint)}
          </a>
        )}
        {runId !== null && (
          <a class="mono" href={paths.run(runId)} title={runId}>
            {shortId(runId)}
          </a>
        )}
        <label class="sheet-state">
          <span class="sr">State of the investigation</span>
          <select
            value={state}
            onChange={(event) => {
              const value = INVESTIGATION_STATES.find((each) => each === event.currentTarget.value)
              if (value !== undefined) open.change({ edit: 'set-state', value })
            }}
          >
            {INVESTIGATION_STATES.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <SavingLine open={open} />
        <WritingAs />
        <span class="grow" />
        <HistoryButton open={open} id={id} data={data} />
        <ExportBar id={id} data={data} />
      </div>
    </section>
  )
}

/** Whose name will stand beside what is written here. */
function WritingAs() {
  const name = useScreen().name.choice.value
  return (
    <a class="hint no-print" href={paths.settings('appearance')}>
      {name === '' ? 'Say who you are' : `as ${name}`}
    </a>
  )
}

/** Quiet while all is well; read out when it is not. */
function SavingLine({ open }: { open: OpenSheet }) {
  const { saving } = open.state.value
  switch (saving.state) {
    case 'saved':
      return (
        <span class="hint no-print" data-saving="saved">
          {saving.at === null ? 'all saved' : `saved ${formatClock(saving.at)}`}
        </span>
      )
    case 'saving':
      return (
        <span class="hint no-print" data-saving="saving">
          saving…
        </span>
      )
    case 'retrying':
      return (
        <span class="field-problem no-print" role="status" data-saving="retrying" title={saving.message}>
          not saved yet: trying again. What you wrote is kept here.
        </span>
      )
  }
}

/** What the collector will not take stays in sight until somebody has seen it. */
function Refusals({ open }: { open: OpenSheet }) {
  const { refused } = open.state.value
  if (refused.length === 0) return null
  return (
    <div class="problem is-failed no-print" role="alert">
      <div>
        {refused.map(({ edit, message }, index) => (
          <p key={index}>
            Not saved: {message}. <span class="hint">{editWords(edit)}</span>{' '}
            <CopyButton text={textOf(edit)?.text ?? editWords(edit)} what="what was not saved" />
          </p>
        ))}
      </div>
      <button type="button" class="button" onClick={open.forgetRefused}>
        Understood
      </button>
    </div>
  )
}

/** What others did to things that have no field here any more. */
function Orphans({ open, sheet }: { open: OpenSheet; sheet: Investigation }) {
  const { clashes } = open.state.value
  return (
    <>
      {clashes
        .filter(({ field }) => readField(sheet, field) === null)
        .map((clash) => (
          <ClashNotice key={clash.field} clash={clash} open={open} />
        ))}
    </>
  )
}

function UnknownInvestigation({ id }: { id: string }) {
  return (
    <section class="message">
      <h1>No investigation “{id}”</h1>
      <p>
        There is none of this name. <a href={paths.investigations()}>List the investigations</a> or{' '}
        <a href={paths.newInvestigation()}>begin one</a>.
      </p>
    </section>
  )
}
