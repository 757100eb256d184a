/** The frame around every page: top bar, navigation, the connection's state, the keys. */
import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router'
import { zoneName } from '../model/format.ts'
import { pinLink } from '../model/pin-link.ts'
import { paths, ROUTES } from '../paths.ts'
import { Announcer, ConnectionPill, OfflineBand, PauseButton } from './connection.tsx'
import { HealthSheet } from './health-sheet.tsx'
import { openedCopyMenu, useCopyAloud, useCopyKeys } from './copy.tsx'
import { Icon, IconSprite } from './icon.tsx'
import { focusRow, useKeyboard, useKeys } from './keyboard.ts'
import { KeySheet } from './key-sheet.tsx'
import { lazy, lazyPage, useLazy } from './lazy.tsx'
import { useScreen } from './screen.ts'
import { Said, say } from './said.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

const LiveRoute = lazyPage('Live board', async () => (await import('./live-page.tsx')).LivePage)
const RunsRoute = lazyPage('Runs', async () => (await import('./runs-page.tsx')).RunsPage)
const RunRoute = lazyPage('Run', async () => (await import('./run-page.tsx')).RunPage)
const StallsRoute = lazyPage('Stalls', async () => (await import('./stalls-page.tsx')).StallsPage)
const StallRoute = lazyPage('Stall', async () => (await import('./stall-page.tsx')).StallPage)
/** It brings a library for charts along. */
const TrendsRoute = lazyPage('Trends', async () => (await import('./trends-page.tsx')).TrendsPage)
const GoRoute = lazyPage('Search', async () => (await import('./search-tools.ts')).GoPage)

const copySheet = lazy(async () => (await import('./search-tools.ts')).CopySheet)
const palette = lazy(async () => (await import('./search-tools.ts')).Palette)

export function App() {
  return (
    <LocationProvider>
      <IconSprite />
      <Frame />
    </LocationProvider>
  )
}

function Frame() {
  const { live } = useScreen()
  const copyAloud = useCopyAloud()
  const { path, route } = useLocation()
  const isSheetOpen = useSignal(false)
  const isHealthOpen = useSignal(false)
  const isPaletteOpen = useSignal(false)
  useKeyboard()
  useCopyKeys()
  useKeys({
    palette: () => (isPaletteOpen.value = true),
    help: () => (isSheetOpen.value = true),
    'go-live': () => route(paths.live()),
    'go-stalls': () => route(paths.stalls()),
    'go-runs': () => route(paths.runs()),
    'go-trends': () => route(paths.trends()),
    pause: live.togglePause,
    'copy-link': () => void copyAloud({ name: 'Link', text: () => pinLink(location.href, live.now()) }),
    filter: () => document.querySelector<HTMLElement>('form.filters input')?.focus(),
    next: () => focusRow(1),
    previous: () => focusRow(-1),
  })
  return (
    <div class="app">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={paths.live()}>
          laststep
        </a>
        <span class="grow" />
        <ConnectionPill open={() => (isHealthOpen.value = true)} />
        <PauseButton />
        <button type="button" class="button" aria-keyshortcuts="Control+K" onClick={() => (isPaletteOpen.value = true)}>
          <Icon name="search" />
          <span class="wide-text">Search</span> <kbd class="wide-only">Ctrl K</kbd>
        </button>
        <ThemeSwitch />
        <button type="button" class="button wide-only" onClick={() => (isSheetOpen.value = true)}>
          Keys <kbd>?</kbd>
        </button>
      </header>
      <OfflineBand />
      <nav class="nav" aria-label="Main">
        <NavLink href={paths.live()} name="Live" keys="g l" isHere={path === ROUTES.live} />
        <NavLink href={paths.stalls()} name="Stalls" keys="g s" isHere={path.startsWith(ROUTES.stalls)} />
        <NavLink href={paths.runs()} name="Runs" keys="g r" isHere={path.startsWith(ROUTES.runs)} />
        <NavLink href={paths.trends()} name="Trends" keys="g t" isHere={path === ROUTES.trends} />
        <p class="zone">Times in {zoneName(live.now())}</p>
      </nav>
      <main id="main" tabIndex={-1}>
        <Router>
          <Route path={ROUTES.live} component={LiveRoute} />
          <Route path={ROUTES.stalls} component={StallsRoute} />
          <Route path={ROUTES.stall} component={StallRoute} />
          <Route path={ROUTES.runs} component={RunsRoute} />
          <Route path={ROUTES.run} component={RunRoute} />
          <Route path={ROUTES.trends} component={TrendsRoute} />
          <Route path={ROUTES.go} component={GoRoute} />
          <Route path="/" component={ToLive} />
          <Route default component={UnknownPage} />
        </Router>
        {openedCopyMenu.value !== null && <CopySheetSlot />}
      </main>
      <Announcer />
      <KeySheet isOpen={isSheetOpen} />
      <HealthSheet isOpen={isHealthOpen} />
      {isPaletteOpen.value && <PaletteSlot close={() => (isPaletteOpen.value = false)} />}
      <Said />
    </div>
  )
}

function NavLink({ href, name, keys, isHere }: { href: string; name: string; keys: string; isHere: boolean }) {
  return (
    <a href={href} aria-current={isHere ? 'page' : undefined} aria-keyshortcuts={keys}>
      {name} <kbd aria-hidden="true">{keys}</kbd>
    </a>
  )
}

function PaletteSlot({ close }: { close: () => void }) {
  const { View, isFailed } = useLazy(palette)
  useEffect(() => {
    if (!isFailed) return
    say('The search could not be loaded: reload the page')
    close()
  }, [isFailed])
  return View && <View close={close} />
}

function CopySheetSlot() {
  const { View } = useLazy(copySheet)
  return View && <View />
}

function ToLive() {
  const { route } = useLocation()
  useEffect(() => route(paths.live(), true), [])
  return null
}

function UnknownPage() {
  useEffect(() => void (document.title = 'Not found · Laststep'), [])
  return (
    <section class="message">
      <h1>There is no page here</h1>
      <p>
        The address may be mistyped. <a href={paths.live()}>Go to the live board</a> or{' '}
        <a href={paths.runs()}>list the runs</a>.
      </p>
    </section>
  )
}
