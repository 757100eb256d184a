/** Every page, each a chunk of its own: what one page needs alone is no burden to the others. */
import { lazyPage } from './lazy.tsx'

export const LiveRoute = lazyPage('Live board', async () => (await import('./live-page.tsx')).LivePage)
export const RunsRoute = lazyPage('Runs', async () => (await import('./runs-page.tsx')).RunsPage)
export const RunRoute = lazyPage('Run', async () => (await import('./run-page.tsx')).RunPage)
export const StallsRoute = lazyPage('Stalls', async () => (await import('./stalls-page.tsx')).StallsPage)
export const StallRoute = lazyPage('Stall', async () => (await import('./stall-page.tsx')).StallPage)
export const InvestigationsRoute = lazyPage(
  'Investigations',
  async () => (await import('./investigation-pages.ts')).InvestigationsPage,
)
export const InvestigationRoute = lazyPage(
  'Investigation',
  async () => (await import('./investigation-pages.ts')).InvestigationPage,
)
/** Brings a library for charts along. */
export const TrendsRoute = lazyPage('Trends', async () => (await import('./trends-page.tsx')).TrendsPage)
export const CompareRoute = lazyPage('Compare', async () => (await import('./compare-page.tsx')).ComparePage)
export const GoRoute = lazyPage('Search', async () => (await import('./search-tools.ts')).GoPage)
export const StartRoute = lazyPage('Start', async () => (await import('./start-page.tsx')).StartPage)
/** The same three steps, on a board that has nothing to show yet. */
export const StartGuide = lazyPage(null, async () => (await import('./start-page.tsx')).StartGuide)
export const SettingsRoute = lazyPage('Settings', async () => (await import('./settings-page.tsx')).SettingsPage)
/** Brings the charts along as well. */
export const WallRoute = lazyPage('Wall', async () => (await import('./wall-page.tsx')).WallPage)
