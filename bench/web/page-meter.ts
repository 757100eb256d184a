/**
 * What a page costs while something happens in it: the CPU time of its main thread, by the browser's own count. Time on
 * the wall says little on a shared machine; this says what the page did.
 */
import type { Page } from 'playwright-core'

export interface Spent {
  /** Everything the main thread did: scripts, styles, layout, painting. */
  readonly cpuMs: number
  readonly scriptMs: number
  /** Frames that were drawn, and how many of them came more than 33 ms after the one before, on the wall. */
  readonly frames: number
  readonly lateFrames: number
}

export interface PageMeter {
  /** While `work` lasts. */
  during(work: () => Promise<void>): Promise<Spent>
  /** While the page does this, once a frame. The function is read by the page: it knows nothing of what is around it. */
  each(frames: number, step: (frame: number) => void): Promise<Spent>
}

const LATE_MS = 33

export async function openMeter(page: Page): Promise<PageMeter> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (name: string): number => (metrics.find((metric) => metric.name === name)?.value ?? Number.NaN) * 1_000
  }
  const meter: PageMeter = {
    async during(work) {
      // So that nobody pays for what was thrown away before.
      await session.send('HeapProfiler.collectGarbage')
      const before = await read()
      const frames = await page.evaluateHandle(countFrames)
      await work()
      const [drawn, late] = await frames.evaluate((count) => count())
      const after = await read()
      const spent = (name: string): number => after(name) - before(name)
      return { cpuMs: spent('TaskDuration'), scriptMs: spent('ScriptDuration'), frames: drawn, lateFrames: late }
    },
    each: (frames, step) =>
      meter.during(() =>
        page.evaluate(
          ([count, text]) =>
            new Promise<void>((resolve) => {
              const call = new Function(`return (${text})`)() as (frame: number) => void
              let frame = 0
              requestAnimationFrame(function next() {
                if (frame === count) return resolve()
                call(frame)
                frame += 1
                requestAnimationFrame(next)
              })
            }),
          [frames, String(step)] as const,
        ),
      ),
  }
  return meter

  /** Runs in the page. */
  function countFrames() {
    let [frames, late, last, isOver] = [0, 0, performance.now(), false]
    requestAnimationFrame(function next(now: number) {
      if (now - last > 33) late += 1
      last = now
      frames += 1
      if (!isOver) requestAnimationFrame(next)
    })
    return (): [number, number] => {
      isOver = true
      return [frames, late]
    }
  }
}

export { LATE_MS }
