/** What comes together when somebody searches, or copies, for the first time. */
export { CopySheet } from './copy-sheet.tsx'
export { GoPage } from './go-page.tsx'
export { Palette } from './palette.tsx'
export { SpanSearch } from './span-search.tsx'
