/** The sheet that asks for what a decision needs: until when, in which version, who, and why. */
import type { ComponentChildren } from 'preact'
import { NAME_CHARS_MAX, REASON_CHARS_MAX, type IncidentAction } from '../../contract/incidents.ts'
import type { Incident } from '../../contract/stalls.ts'
import { DECISION_WORDS, MAY, MUTES, readMute, readPasted } from '../model/incident-life.ts'
import { labelOf } from '../model/format.ts'
import { stepOf } from '../model/incidents.ts'
import { paths } from '../paths.ts'
import type { Decisions, Question } from './decisions.ts'
import { ProblemBox } from './problem-box.tsx'
import { useScreen } from './screen.ts'
import { Sheet } from './sheet.tsx'

const TITLES: Readonly<Record<Question, string>> = {
  menu: 'What about',
  mute: 'Mute',
  resolve: 'Resolve',
  assign: 'Assign',
  merge: 'Merge',
}

/** Of what went wrong while no sheet was open, and of what is asked for. */
export function DecisionSheet({ decisions }: { decisions: Decisions }) {
  const { asked, isOpen, problem } = decisions
  const dismiss = () => (problem.value = null)
  const box = problem.value !== null && <ProblemBox problem={problem.value} retry={dismiss} />
  const ask = asked.value
  return (
    <>
      {!isOpen.value && box}
      {ask !== null && (
        <Sheet title={`${TITLES[ask.question]} ${labelOf(ask.incident.fingerprint)}`} id="decision" isOpen={isOpen}>
          {isOpen.value && box}
          <p class="in-card hint">
            {stepOf(ask.incident)} · {[ask.incident.agent, ask.incident.environment].filter(Boolean).join(' · ')}
          </p>
          {isOpen.value && <Ask key={ask.question} incident={ask.incident} question={ask.question} of={decisions} />}
        </Sheet>
      )}
    </>
  )
}

interface AskProps {
  readonly incident: Incident
  readonly of: Decisions
}

function Ask({ incident, question, of }: AskProps & { question: Question }) {
  switch (question) {
    case 'menu':
      return <Menu incident={incident} of={of} />
    case 'mute':
      return <AskMute incident={incident} of={of} />
    case 'resolve':
      return <AskVersion incident={incident} of={of} />
    case 'assign':
      return <AskWhom incident={incident} of={of} />
    case 'merge':
      return <AskOther incident={incident} of={of} />
  }
}

function Menu({ incident, of }: AskProps) {
  return (
    <div class="decision-menu">
      <DecisionButtons incident={incident} of={of} />
      <a class="button" href={paths.newInvestigation(incident.fingerprint)}>
        Start investigation
      </a>
    </div>
  )
}

export function DecisionButtons({ incident, of }: AskProps) {
  return (
    <>
      {MAY[incident.life.state].map((decision) => (
        <button
          key={decision}
          type="button"
          class="button"
          disabled={of.isSending.value}
          onClick={() => {
            if (decision === 'acknowledge' || decision === 'reopen') void of.decide(incident, { action: decision })
            else of.ask(incident, decision)
          }}
        >
          {DECISION_WORDS[decision]}
        </button>
      ))}
    </>
  )
}

function AskMute({ incident, of }: AskProps) {
  const { live } = useScreen()
  return (
    <Form
      says="Mute"
      incident={incident}
      of={of}
      read={(text) => ({ action: 'mute', until: readMute(text('until'), Number(text('more')), live.now()) })}
    >
      <fieldset>
        <legend>Nobody is told of it, for or until</legend>
        {MUTES.map((mute, index) => (
          <label key={mute}>
            <input type="radio" name="until" value={mute} defaultChecked={index === 0} />
            {mute}
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>How many stalls more</span>
        <input type="number" name="more" min="1" max="10000" defaultValue="10" />
      </label>
    </Form>
  )
}

function AskVersion({ incident, of }: AskProps) {
  return (
    <Form
      says="Resolve"
      incident={incident}
      of={of}
      read={(text) => ({ action: 'resolve', version: text('version') || null })}
    >
      <label class="field">
        <span>In version (empty: from now on)</span>
        <input type="text" name="version" list="decision-versions" autocomplete="off" spellcheck={false} />
      </label>
      <datalist id="decision-versions">
        {incident.versions.map(({ version }) => version !== null && <option key={version} value={version} />)}
      </datalist>
      <p class="hint">
        It opens again as regressed when a stall comes in this version or a later one; versions that ran before may go
        on stalling. Without a version, any stall that comes from now on opens it.
      </p>
    </Form>
  )
}

function AskWhom({ incident, of }: AskProps) {
  const { name } = useScreen()
  return (
    <Form says="Assign" incident={incident} of={of} read={(text) => ({ action: 'assign', to: text('to') || null })}>
      <label class="field">
        <span>To (empty: to nobody)</span>
        <input
          type="text"
          name="to"
          maxLength={NAME_CHARS_MAX}
          defaultValue={incident.life.assignee ?? name.choice.value}
          autocomplete="off"
        />
      </label>
    </Form>
  )
}

function AskOther({ incident, of }: AskProps) {
  return (
    <Form
      says="Merge"
      incident={incident}
      of={of}
      read={(text) => ({ action: 'merge', into: readPasted(text('into')) ?? text('into') })}
    >
      <label class="field">
        <span>Into which incident</span>
        <input type="text" name="into" placeholder="STL-4F2A09" autocomplete="off" spellcheck={false} required />
      </label>
      <p class="hint">
        Its stalls are counted there from now on, as if they had been all along; one message tells of both. It can be
        taken out again on the page of the other.
      </p>
    </Form>
  )
}

interface FormProps extends AskProps {
  readonly says: string
  /** @param text what stands in a field, without the space around it */
  readonly read: (text: (name: string) => string) => IncidentAction
  readonly children: ComponentChildren
}

function Form({ says, incident, of, read, children }: FormProps) {
  const { name } = useScreen()
  return (
    <form
      class="decision"
      onSubmit={(event) => {
        event.preventDefault()
        const entries = new FormData(event.currentTarget)
        const text = (field: string) => String(entries.get(field) ?? '').trim()
        name.choose(text('by'))
        void of.decide(incident, read(text), text('reason'))
      }}
    >
      {children}
      <label class="field">
        <span>Why (may be empty)</span>
        <input type="text" name="reason" maxLength={REASON_CHARS_MAX} autocomplete="off" />
      </label>
      <label class="field">
        <span>Your name (may be empty)</span>
        <input type="text" name="by" maxLength={NAME_CHARS_MAX} defaultValue={name.choice.value} autocomplete="name" />
      </label>
      <button type="submit" class="button is-primary" disabled={of.isSending.value}>
        {says}
      </button>
    </form>
  )
}
