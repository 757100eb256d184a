import type { RunBook } from '../../collector/assemble/run-book.ts'

/** Read a snapshot's lines into a book, as a start does. */
export function restoreBook(book: RunBook, lines: Iterable<string>): void {
  const restoring = book.restore()
  for (const line of lines) restoring.take(line)
  restoring.done()
}
