/** What comes together when somebody searches for the first time. */
export { GoPage } from './go-page.tsx'
export { Palette } from './palette.tsx'
