/** A search that is told line by line, and that ends when it is stopped or when nobody looks any more. */
import { signal, type ReadonlySignal } from '@preact/signals'
import type { ApiError } from '../../contract/errors.ts'
import type { SearchLine } from '../../contract/search.ts'
import { foldLine, SEARCH_BEGINS, type SpanSearchState } from '../model/span-search.ts'

export interface SpanSearch {
  readonly state: ReadonlySignal<SpanSearchState>
  /** Go on behind what was found. */
  more(): void
  stop(): void
}

/** @param path of the answer that begins at a cursor */
export function openSpanSearch(path: (cursor: string | null) => string): SpanSearch {
  const state = signal<SpanSearchState>(SEARCH_BEGINS)
  let running = new AbortController()

  const ask = async (cursor: string | null): Promise<void> => {
    const { signal: abort } = (running = new AbortController())
    state.value = { ...state.peek(), phase: 'searching', next: null, problem: null }
    try {
      for await (const line of linesOf(path(cursor), abort)) state.value = foldLine(state.peek(), line)
      if (state.peek().phase === 'searching') throw new Error('The collector broke off. Is it still running?')
    } catch (error) {
      if (abort.aborted) return
      state.value = {
        ...state.peek(),
        phase: 'failed',
        problem: error instanceof Error ? error.message : String(error),
      }
    }
  }

  void ask(null)
  return {
    state,
    more: () => void ask(state.peek().next),
    stop() {
      running.abort()
      if (state.peek().phase === 'searching') state.value = { ...state.peek(), phase: 'stopped' }
    },
  }
}

/** @throws an Error whose message is for people, when the answer is none */
async function* linesOf(path: string, abort: AbortSignal): AsyncGenerator<SearchLine> {
  const answer = await fetch(path, { signal: abort })
  if (!answer.ok) throw new Error(((await answer.json()) as ApiError).error.message)
  if (answer.body === null) return
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line) as SearchLine
  }
}
