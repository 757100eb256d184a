/** What healthy runs do after the step, beside what the run that stands still has done so far. */
import { useEffect, useMemo } from 'preact/hooks'
import type { NextSteps } from '../../contract/compare.ts'
import { drawNext, drawOwn } from '../model/compare.ts'
import { count, formatLength, formatStep, shortId } from '../model/format.ts'
import { paths } from '../paths.ts'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'

/** @param of the page of a run or an incident */
export function NextStepsCard({ of }: { of: string }) {
  const { watchAnswer } = useScreen()
  const watch = useMemo(() => watchAnswer<NextSteps>(`${of}/next`), [of])
  useEffect(() => watch.stop, [watch])
  const { data, problem } = watch.state.value
  return (
    <section class="card next-steps" aria-labelledby="next-steps">
      <header>
        <h2 id="next-steps">What healthy runs do next</h2>
      </header>
      {problem !== null && <ProblemBox problem={problem} retry={watch.refresh} />}
      {data === null ? problem === null && <SkeletonRows /> : <Steps next={data} />}
    </section>
  )
}

function Steps({ next }: { next: NextSteps }) {
  if (next.step === null) return <p class="empty">It is not known at which step it stands still.</p>
  const { healthy, took, end } = next
  const step = formatStep(next.step)
  return (
    <div class="next-columns">
      <div>
        <h3>
          After <span class="mono">{step}</span>, in {count(healthy.sampled, 'healthy run')}
        </h3>
        {healthy.sampled === 0 ? (
          <p class="empty">No healthy run of these hours passed it.</p>
        ) : (
          <>
            {took !== null && (
              <p class="hint">
                it takes {formatLength(took.p50Ms)}, p95 {formatLength(took.p95Ms)}
              </p>
            )}
            <ol>
              {drawNext(next).map(({ step: name, words, when, isUsual }) => (
                <li key={name}>
                  <span class={`mono ${isUsual ? 'is-usual' : ''}`}>{name}</span> <span class="grow" />
                  <span>{words}</span> <span class="hint">{when}</span>
                </li>
              ))}
              {end !== null && (
                <li>
                  <span>the run ends</span> <span class="grow" />
                  <span class="hint">
                    after {formatLength(end.p50Ms)}, p95 {formatLength(end.p95Ms)}
                  </span>
                </li>
              )}
            </ol>
          </>
        )}
      </div>
      {next.runId !== null && (
        <div>
          <h3>
            <a href={paths.run(next.runId)}>{shortId(next.runId)}</a> so far
          </h3>
          <ol>
            {drawOwn(next).map(({ step: name, begins, took: length, isOpen }, index) => (
              <li key={`${index} ${name}`} class={isOpen ? 'is-open' : ''}>
                <span class="mono">{name}</span> <span class="grow" />
                <span>{begins}</span> <span class="hint">{length}</span>
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  )
}
