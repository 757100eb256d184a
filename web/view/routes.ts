/** Pages that few visits need: each is a chunk of its own. */
import { lazyRoute } from './lazy-route.tsx'

/** Brings a library for charts along. */
export const TrendsRoute = lazyRoute('Trends', () => import('./trends-page.tsx').then((page) => page.TrendsPage))
export const StartRoute = lazyRoute('Start', () => import('./start-page.tsx').then((page) => page.StartPage))
/** The same three steps, on a board that has nothing to show yet. */
export const StartGuide = lazyRoute(null, () => import('./start-page.tsx').then((page) => page.StartGuide))
export const SettingsRoute = lazyRoute('Settings', () =>
  import('./settings-page.tsx').then((page) => page.SettingsPage),
)
/** Brings the charts along as well. */
export const WallRoute = lazyRoute('Wall', () => import('./wall-page.tsx').then((page) => page.WallPage))
