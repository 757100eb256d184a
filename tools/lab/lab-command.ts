/** The command `laststep lab`: from its words to its exit code. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCollectorConfig, type SettingValues } from '../../collector/config.ts'
import type { Clock } from '../../contract/clock.ts'
import { pickModes } from './catalogue/catalogue.ts'
import { runLab, type LabProgress } from './start-lab.ts'
import { writeList, writeProgress, writeSummary, writeTable } from './write-report.ts'

export interface LabOptions {
  /** `F18`, `hung-tool`; none means all. */
  readonly words: readonly string[]
  readonly isListOnly: boolean
  readonly isJson: boolean
  /** Leave all of it up when the table is printed. */
  readonly keeps: boolean
  readonly healthyUsers: number
  /** Of the collector, as given; what is not given takes a free port and a folder that goes away. */
  readonly collector: SettingValues
  readonly clock: Clock
  readonly version: string
  readonly write: (text: string) => void
  /** Where progress goes; null for nowhere. */
  readonly terminal: { readonly isTTY: boolean; write(text: string): void } | null
}

/** @returns whether all was as expected, and how to stop what was left up, if anything was */
export async function runLabCommand(
  options: LabOptions,
): Promise<{ isOk: boolean; stop: (() => Promise<void>) | null }> {
  const { words, write, clock, version, healthyUsers } = options
  const modes = pickModes(words)
  if (options.isListOnly) {
    write(options.isJson ? JSON.stringify(modes, null, 2) : writeList(modes))
    return { isOk: true, stop: null }
  }
  const folder = mkdtempSync(join(tmpdir(), 'laststep-lab-'))
  const clear = () => rmSync(folder, { recursive: true, force: true })
  try {
    const free = { 'http-port': '0', 'otlp-http-port': '0', 'otlp-grpc-port': '0', 'data-dir': folder, canary: 'off' }
    const given = Object.entries(options.collector).filter(([, value]) => value !== undefined)
    const read = readCollectorConfig({ ...free, ...Object.fromEntries(given) }, {})
    if ('problems' in read) throw new Error(read.problems.join('; '))
    const progress = options.terminal === null ? () => {} : showProgress(options.terminal)
    const lab = await runLab({ collector: read.config, modes, healthyUsers, clock, version, progress })
    const { report } = lab
    if (options.terminal?.isTTY) options.terminal.write('\r\u001b[K')
    write(options.isJson ? JSON.stringify(report, null, 2) : `${writeTable(report)}\n\n${writeSummary(report)}`)
    const stop = async () => {
      await lab.stop()
      clear()
    }
    if (!options.keeps) {
      await stop()
      return { isOk: report.isOk, stop: null }
    }
    write(`\n  ${lab.dashboard}   is still up; Ctrl-C stops everything`)
    return { isOk: report.isOk, stop }
  } catch (error) {
    clear()
    throw error
  }
}

/** On a terminal one line that is written over; elsewhere a line for every verdict. */
function showProgress({ isTTY, write }: NonNullable<LabOptions['terminal']>): (progress: LabProgress) => void {
  let told = 0
  return (progress) => {
    if (isTTY) return write(`\r\u001b[K${writeProgress(progress)}`)
    if (progress.done.length === told) return
    told = progress.done.length
    write(`${writeProgress(progress)}\n`)
  }
}
