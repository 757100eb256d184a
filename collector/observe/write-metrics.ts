/**
 * Metrics as text, in the Prometheus exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats):
 * everything that reads OpenMetrics reads it too. Written by hand for the memory a library takes (decision 0017).
 */
import type { Millis } from '../../contract/units.ts'
import { countBelow, type DurationHistogram } from '../duration-histogram.ts'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

export type Metric =
  | {
      /** The name of a counter ends in `_total`, and both in their unit before it. */
      readonly name: string
      readonly type: 'counter' | 'gauge'
      readonly help: string
      readonly samples: Iterable<Sample>
    }
  | { readonly name: string; readonly type: 'histogram'; readonly help: string; readonly of: Durations }

/** What a histogram is written from; `Latency` fits. */
export interface Durations {
  readonly total: Readonly<DurationHistogram>
  readonly count: number
  readonly sumMs: Millis
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function writeMetrics(metrics: Iterable<Metric>): string {
  let text = ''
  for (const metric of metrics) {
    const { name, type, help } = metric
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
    text += metric.type === 'histogram' ? histogramLines(name, metric.of) : sampleLines(name, metric.samples)
  }
  return text
}

function sampleLines(name: string, samples: Iterable<Sample>): string {
  let text = ''
  for (const { labels, value } of samples) text += line(name, labels, value)
  return text
}

/** Doublings from 2 ms to 65.5 s: there the bins of `DurationHistogram` begin, so that these counts are exact. */
const EXPONENT_MAX = 16

function histogramLines(name: string, { total, count, sumMs }: Durations): string {
  let text = ''
  for (let exponent = 1; exponent <= EXPONENT_MAX; exponent += 1)
    text += line(`${name}_bucket`, { le: String(2 ** exponent / 1_000) }, countBelow(total, exponent))
  text += line(`${name}_bucket`, { le: '+Inf' }, count)
  return text + line(`${name}_sum`, undefined, sumMs / 1_000) + line(`${name}_count`, undefined, count)
}

function line(name: string, labels: Labels | undefined, value: number): string {
  const pairs = Object.entries(labels ?? {}).map(([key, text]) => `${key}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${written(value)}\n`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function written(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
