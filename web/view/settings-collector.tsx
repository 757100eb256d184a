/** The settings the collector was started with: to be read here, and changed where it is started. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { Setup } from '../../contract/setup.ts'
import { fromIso } from '../../contract/units.ts'
import { formatAge, formatShare, formatTime } from '../model/format.ts'
import { formatDisk, formatReach, judgeFullness } from '../model/retention.ts'
import { endpointOf, paths } from '../paths.ts'
import { CopyButton } from './copy.tsx'
import { ProblemBox } from './problem-box.tsx'
import { SkeletonRows } from './skeleton-rows.tsx'
import { useScreen } from './screen.ts'

export function GeneralSettings() {
  const { live, host } = useScreen()
  return (
    <WithSetup title="This collector" id="general">
      {(setup) => {
        const { version, startedAt, ports, dataDir, contracts, fsync, isTelling, hasCanary, hasDeadMan } = setup
        const [first, ...others] = contracts
        return (
          <>
            <dl class="settings-facts">
              <Fact name="version" value={version} />
              <Fact
                name="running since"
                value={formatTime(fromIso(startedAt), live.tick.value)}
                more={`for ${formatAge(live.tick.value - fromIso(startedAt))}`}
              />
              <Fact name="OTLP over HTTP" value={endpointOf(host, ports.otlpHttp)} isCopied />
              <Fact name="OTLP over gRPC" value={endpointOf(host, ports.otlpGrpc)} isCopied />
              <Fact
                name="listens on"
                value={setup.host}
                more={setup.isReachable ? 'other machines reach it' : 'only programs on its own machine reach it'}
              />
              <Fact name="data folder" value={dataDir} isCopied />
              <Fact
                name="contract"
                value={first === undefined ? 'none' : `${first.name} v${first.version}`}
                more={
                  others.length === 0
                    ? `judges every run · ${first?.hash ?? ''}`
                    : `judges runs that name none of ${others.map(({ name }) => name).join(', ')} · ${first?.hash ?? ''}`
                }
              />
              <Fact
                name="acknowledged"
                value={fsync === 'always' ? 'once it is on disk' : 'within a second of the disk'}
                more={fsync === 'always' ? 'losing power loses nothing' : 'losing power loses the last second'}
              />
              <Fact
                name="told of stalls"
                value={isTelling ? 'a webhook' : 'nobody'}
                more={isTelling ? '' : '--webhook-url'}
              />
              <Fact
                name="watches itself"
                value={hasCanary ? 'once a minute, by a run of its own' : 'not'}
                more="--canary"
              />
              <Fact name="dead man’s ping" value={hasDeadMan ? 'every 30 s' : 'not sent'} more="--deadman-url" />
            </dl>
            <p class="hint in-card">
              These are given when it is started: <code>laststep serve --help</code> says how.{' '}
              <a href={paths.start()}>Connect an agent</a>
            </p>
          </>
        )
      }}
    </WithSetup>
  )
}

export function RetentionSettings() {
  const { live } = useScreen()
  return (
    <WithSetup title="What is kept" id="retention">
      {({ kept }) => {
        const now = live.tick.value
        const { share, bytesPerDay, first, reachMs } = judgeFullness(kept, now)
        return (
          <>
            <div class="fullness">
              <meter min={0} max={1} high={0.9} value={share} aria-label="Room used" />
              <p>
                <b>{formatDisk(kept.bytes)}</b> of {formatDisk(kept.bytesMax)} ({formatShare(kept.bytes, kept.bytesMax)}
                )
              </p>
            </div>
            <dl class="settings-facts">
              <Fact name="runs are kept" value={`for ${formatReach(kept.forMs)}`} more="--keep-days" />
              <Fact name="in at most" value={formatDisk(kept.bytesMax)} more="--keep-gib; the oldest goes first" />
              <Fact
                name="oldest telemetry"
                value={kept.since === null ? 'none yet' : formatTime(fromIso(kept.since), now)}
                more={kept.since === null ? '' : `${formatAge(now - fromIso(kept.since))} ago`}
              />
              <Fact
                name="pace so far"
                value={bytesPerDay === null ? 'known after an hour' : `${formatDisk(bytesPerDay)} a day`}
                more={
                  first === null || reachMs === null
                    ? ''
                    : first === 'room'
                      ? `the room is full first, and reaches back ${formatReach(reachMs)}`
                      : `their age ends runs first, after ${formatReach(reachMs)}`
                }
              />
              <Fact name="trends" value="for 400 days" more="they outlive their runs" />
            </dl>
          </>
        )
      }}
    </WithSetup>
  )
}

interface WithSetupProps {
  readonly title: string
  readonly id: string
  readonly children: (setup: Setup) => ComponentChildren
}

function WithSetup({ title, id, children }: WithSetupProps) {
  const { watchSetup } = useScreen()
  const watch = useMemo(watchSetup, [])
  useEffect(() => watch.stop, [watch])
  const { data, problem } = watch.state.value
  return (
    <section class="card settings" aria-labelledby={id} aria-busy={data === null}>
      <header>
        <h2 id={id}>{title}</h2>
      </header>
      {problem !== null && <ProblemBox problem={problem} retry={watch.refresh} />}
      {data !== null ? children(data) : problem === null && <SkeletonRows />}
    </section>
  )
}

interface FactProps {
  readonly name: string
  readonly value: string
  readonly more?: string
  readonly isCopied?: boolean
}

function Fact({ name, value, more = '', isCopied = false }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class={isCopied ? 'mono' : ''}>{value}</span>
        {isCopied && <CopyButton text={value} what={name} />} {more !== '' && <span class="hint">{more}</span>}
      </dd>
    </div>
  )
}
