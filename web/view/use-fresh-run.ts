import { useSignal, useSignalEffect } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { RunDetail } from '../../contract/runs.ts'
import { seconds, type Instant } from '../../contract/units.ts'
import { useScreen, type Watch } from './screen.ts'

/** Ask again when the board has newer news of this run, at most twice a second; rarely when the board lacks it. */
export function useFreshRun(id: string, watch: Watch<RunDetail>): void {
  const { live } = useScreen()
  const row = useMemo(() => live.row(id), [id])
  const askedAt = useSignal<Instant>(0)
  useSignalEffect(() => {
    const { data, isFetching } = watch.state.value
    const now = Math.max(live.tick.value, live.now())
    if (data === null || isFetching || live.isPaused.value || live.liveness.value.state !== 'live') return
    const isBehind = row.value !== null && row.value.rev > data.rev
    const isAlone = row.value === null && data.endedAt === null
    if (!(isBehind && now - askedAt.peek() >= 500) && !(isAlone && now - askedAt.peek() >= seconds(5))) return
    askedAt.value = now
    watch.refresh()
  })
}
