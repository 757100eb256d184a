/** Boot: the only file that introduces the data to the views. */
import { render } from 'preact'
import { signal } from '@preact/signals'
import { systemClock } from '../contract/clock.ts'
import { copyText } from './data/clipboard.ts'
import type { Investigations } from './data/investigations.ts'
import { openLiveStore } from './data/live-store.ts'
import { openQueries } from './data/queries.ts'
import { openRecent } from './data/recent.ts'
import { openSpanSearch } from './data/span-search.ts'
import { openTrail } from './data/trail.ts'
import { openChoice } from './data/choice.ts'
import { keepLit } from './data/keep-lit.ts'
import { openLook } from './data/look.ts'
import { NO_CODE_LINKS, readCodeLinks } from './model/code-link.ts'
import { readKeyChoice, USUAL_KEYS } from './model/keymap.ts'
import { zone, ZONES } from './model/zone.ts'
import { api } from './paths.ts'
import { App } from './view/app.tsx'
import { DENSITIES, ScreenContext, THEMES, type Screen } from './view/screen.ts'
import './style/index.css'

const queries = openQueries()
const live = openLiveStore(systemClock, (after) => api.live(location, after))
let investigations: Investigations | null = null
const screen: Screen = {
  live,
  watchRun: queries.run,
  watchRuns: queries.runs,
  watchStalls: queries.stalls,
  watchStall: queries.stall,
  watchStallHistory: queries.stallHistory,
  actOnStall: queries.actOnStall,
  watchStallDeploys: queries.stallDeploys,
  watchTrends: queries.trends,
  watchAnswer: (page) => queries.answer(`/api${page}`, false),
  watchHealth: queries.health,
  trail: openTrail(),
  lookUp: queries.lookUp,
  watchValues: queries.values,
  searchSpans: (filter) => openSpanSearch((cursor) => api.search(filter, cursor)),
  recent: openRecent(),
  copy: copyText,
  watchSetup: queries.setup,
  watchInFlight: queries.inFlight,
  investigations: async () =>
    (investigations ??= (await import('./data/investigations.ts')).openInvestigations({
      clock: systemClock,
      queries,
      edited: live.edited,
      name: () => screen.name.choice.peek() || null,
    })),
  sendTestRun: queries.sendTestRun,
  host: location.hostname,
  keepLit,
  theme: openLook('theme', THEMES),
  name: openChoice('name', (stored) => (typeof stored === 'string' ? stored : null), signal('')),
  density: openLook('density', DENSITIES),
  zone: openChoice('zone', (stored) => ZONES.find((zone) => zone === stored) ?? null, zone),
  keys: openChoice('keys', readKeyChoice, signal(USUAL_KEYS)),
  codeLinks: openChoice('code-links', readCodeLinks, signal(NO_CODE_LINKS)),
}

const root = document.getElementById('app')
if (root === null) throw new Error('index.html must hold <div id="app">')
render(
  <ScreenContext.Provider value={screen}>
    <App />
  </ScreenContext.Provider>,
  root,
)
