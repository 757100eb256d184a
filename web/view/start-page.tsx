/** The first steps: three of them, for the language at hand, and below them whether anything has come of it. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import type { Setup } from '../../contract/setup.ts'
import { LANGUAGE_WORDS, LANGUAGES, readLanguage, writeSteps, type Language, type Step } from '../model/snippets.ts'
import { endpointOf, paths } from '../paths.ts'
import { CopyButton } from './copy.tsx'
import { FirstEvent } from './first-event.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'
import { TestRun } from './test-run.tsx'

export function StartPage() {
  const { query } = useLocation()
  return (
    <>
      <header class="start-head">
        <h1>Connect an agent</h1>
        <p>Three steps, about a minute. Its runs are on Live while they go on.</p>
      </header>
      <Guide language={readLanguage(query)} linkTo={(language) => paths.start(language)} choose={null} />
    </>
  )
}

/** The same on the live board, which keeps its address. */
export function StartGuide() {
  const language = useSignal<Language>('node')
  return (
    <section class="start-inline" aria-labelledby="start-title">
      <header class="start-head">
        <h2 id="start-title">Nothing has come yet. Connect an agent</h2>
        <p>Three steps, about a minute. Its runs are shown here while they go on.</p>
      </header>
      <Guide language={language.value} linkTo={null} choose={(next) => (language.value = next)} />
    </section>
  )
}

interface GuideProps {
  readonly language: Language
  readonly linkTo: ((language: Language) => string) | null
  readonly choose: ((language: Language) => void) | null
}

function Guide({ language, linkTo, choose }: GuideProps) {
  const { watchSetup } = useScreen()
  const watch = useMemo(watchSetup, [])
  useEffect(() => watch.stop, [watch])
  const { data, problem } = watch.state.value
  if (data === null)
    return problem ? (
      <ProblemBox problem={problem} retry={watch.refresh} />
    ) : (
      <section class="card" aria-busy="true">
        <SkeletonRows />
      </section>
    )
  return (
    <>
      <div class="chips" role="group" aria-label="Language">
        {LANGUAGES.map((each) =>
          linkTo === null ? (
            <button
              key={each}
              type="button"
              class="chip"
              aria-pressed={each === language}
              onClick={() => choose?.(each)}
            >
              {LANGUAGE_WORDS[each]}
            </button>
          ) : (
            <a key={each} class="chip" href={linkTo(each)} aria-current={each === language ? 'true' : undefined}>
              {LANGUAGE_WORDS[each]}
            </a>
          ),
        )}
      </div>
      <Steps setup={data} language={language} />
      <FirstEvent setup={data} />
      <TestRun />
    </>
  )
}

function Steps({ setup, language }: { setup: Setup; language: Language }) {
  const { host } = useScreen()
  return (
    <ol class="steps" role="list">
      {writeSteps(language, endpointOf(host, setup.ports.otlpHttp)).map((step, index) => (
        <li key={step.title} class="card">
          <StepCard step={step} number={index + 1} />
        </li>
      ))}
    </ol>
  )
}

function StepCard({ step: { title, says, code }, number }: { step: Step; number: number }) {
  return (
    <>
      <h2>
        <span class="step-number">{number}</span> {title}
      </h2>
      <p>{says}</p>
      {code !== null && (
        <div class="snippet">
          <header>
            <span class="mono">{code.file}</span>
            <span class="grow" />
            <CopyButton text={code.text} what={code.file === 'terminal' ? 'command' : code.file} />
          </header>
          <pre tabIndex={0}>
            <code>{code.text}</code>
          </pre>
        </div>
      )}
    </>
  )
}
