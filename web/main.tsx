/** Boot: the only file that introduces the data to the views. */
import { render } from 'preact'
import { systemClock } from '../contract/clock.ts'
import { copyText } from './data/clipboard.ts'
import { openLiveStore } from './data/live-store.ts'
import { openQueries } from './data/queries.ts'
import { openRecent } from './data/recent.ts'
import { openSpanSearch } from './data/span-search.ts'
import { openTheme } from './data/theme.ts'
import { openTrail } from './data/trail.ts'
import { api } from './paths.ts'
import { App } from './view/app.tsx'
import { ScreenContext, THEMES, type Screen } from './view/screen.ts'
import './style/index.css'

const queries = openQueries()
const screen: Screen = {
  live: openLiveStore(systemClock, (after) => api.live(location, after)),
  watchRun: queries.run,
  watchRuns: queries.runs,
  watchStalls: queries.stalls,
  watchStall: queries.stall,
  watchTrends: queries.trends,
  watchHealth: queries.health,
  trail: openTrail(),
  lookUp: queries.lookUp,
  watchValues: queries.values,
  searchSpans: (filter) => openSpanSearch((cursor) => api.search(filter, cursor)),
  recent: openRecent(),
  copy: copyText,
  theme: openTheme(THEMES),
}

const root = document.getElementById('app')
if (root === null) throw new Error('index.html must hold <div id="app">')
render(
  <ScreenContext.Provider value={screen}>
    <App />
  </ScreenContext.Provider>,
  root,
)
