/** Sheets over the page, which come when one is first opened. */
export { HealthSheet } from './health-sheet.tsx'
export { KeySheet } from './key-sheet.tsx'
