/** The frame around every page: top bar, navigation, the connection's state, the keys. */
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useSignal, type Signal } from '@preact/signals'
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router'
import { keysOf, type KeyAction } from '../model/keymap.ts'
import { pinLink } from '../model/pin-link.ts'
import { paths, ROUTES } from '../paths.ts'
import { readWall } from '../read-address.ts'
import { Announcer, ConnectionPill, OfflineBand, PauseButton } from './connection.tsx'
import { openedCopyMenu, useCopyAloud, useCopyKeys } from './copy.tsx'
import { Icon, IconSprite } from './icon.tsx'
import { focusRow, useKeyboard, useKeys, useTypedAhead } from './keyboard.ts'
import { KeyHint } from './key-hint.tsx'
import { lazy, lazyPart, useLazy } from './lazy.tsx'
import {
  GoRoute,
  LiveRoute,
  RunRoute,
  RunsRoute,
  SettingsRoute,
  StallRoute,
  StallsRoute,
  StartRoute,
  TrendsRoute,
  WallRoute,
} from './routes.ts'
import { useScreen } from './screen.ts'
import { Said, say } from './said.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import { ZoneSwitch } from './zone-switch.tsx'

const KeySheet = lazyPart(async () => (await import('./sheets.ts')).KeySheet)
const HealthSheet = lazyPart(async () => (await import('./sheets.ts')).HealthSheet)
const CopySheet = lazyPart(async () => (await import('./search-tools.ts')).CopySheet)
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
  const { live, keys, zone } = useScreen()
  const copyAloud = useCopyAloud()
  const { path, query, route } = useLocation()
  const isSheetOpen = useSignal(false)
  const isHealthOpen = useSignal(false)
  const isPaletteOpen = useSignal(false)
  useKeyboard(keys.choice)
  useCopyKeys()
  useKeys({
    palette: () => (isPaletteOpen.value = true),
    help: () => (isSheetOpen.value = true),
    'go-live': () => route(paths.live()),
    'go-stalls': () => route(paths.stalls()),
    'go-runs': () => route(paths.runs()),
    'go-trends': () => route(paths.trends()),
    pause: live.togglePause,
    zone: () => zone.choose(zone.choice.peek() === 'utc' ? 'local' : 'utc'),
    'copy-link': () => void copyAloud({ name: 'Link', text: () => pinLink(location.href, live.now()) }),
    filter: () => document.querySelector<HTMLElement>('form.filters input')?.focus(),
    next: () => focusRow(1),
    previous: () => focusRow(-1),
  })
  if (readWall(path, query) !== null) return <WallRoute />
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
        <ZoneSwitch />
        <ThemeSwitch />
        <button type="button" class="button wide-only" onClick={() => (isSheetOpen.value = true)}>
          Keys <KeyHint action="help" />
        </button>
      </header>
      <OfflineBand />
      <nav class="nav" aria-label="Main">
        <NavLink href={paths.live()} name="Live" action="go-live" isHere={path === ROUTES.live} />
        <NavLink href={paths.stalls()} name="Stalls" action="go-stalls" isHere={path.startsWith(ROUTES.stalls)} />
        <NavLink href={paths.runs()} name="Runs" action="go-runs" isHere={path.startsWith(ROUTES.runs)} />
        <NavLink href={paths.trends()} name="Trends" action="go-trends" isHere={path === ROUTES.trends} />
        <span class="grow wide-only" />
        <NavLink href={paths.start()} name="Start" isHere={path === ROUTES.start} isSmall />
        <NavLink href={paths.settings()} name="Settings" isHere={path.startsWith(ROUTES.settings)} />
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
          <Route path={ROUTES.start} component={StartRoute} />
          <Route path={ROUTES.settings} component={SettingsRoute} />
          <Route path={ROUTES.settingsPage} component={SettingsRoute} />
          <Route path="/" component={ToLive} />
          <Route default component={UnknownPage} />
        </Router>
        {openedCopyMenu.value !== null && <CopySheet />}
      </main>
      <Announcer />
      <OnceOpened sheet={KeySheet} isOpen={isSheetOpen} />
      <OnceOpened sheet={HealthSheet} isOpen={isHealthOpen} />
      {isPaletteOpen.value && <PaletteSlot close={() => (isPaletteOpen.value = false)} />}
      <Said />
    </div>
  )
}

interface NavLinkProps {
  readonly href: string
  readonly name: string
  readonly isHere: boolean
  readonly action?: KeyAction
  /** Left out where there is room for few. */
  readonly isSmall?: boolean
}

function NavLink({ href, name, isHere, action, isSmall }: NavLinkProps) {
  const { keys } = useScreen()
  const shortcut = action === undefined ? null : keysOf(action, keys.choice.value)
  return (
    <a
      href={href}
      class={isSmall ? 'wide-only' : ''}
      aria-current={isHere ? 'page' : undefined}
      aria-keyshortcuts={shortcut ?? undefined}
    >
      {name} {action && <KeyHint action={action} />}
    </a>
  )
}

/** It stays when it closes, or the focus would not go back to where it was. */
function OnceOpened({
  sheet: Sheet,
  isOpen,
}: {
  sheet: ComponentType<{ isOpen: Signal<boolean> }>
  isOpen: Signal<boolean>
}) {
  const wasOpened = useRef(false)
  wasOpened.current ||= isOpen.value
  return wasOpened.current ? <Sheet isOpen={isOpen} /> : null
}

function PaletteSlot({ close }: { close: () => void }) {
  const { View, isFailed } = useLazy(palette)
  const ahead = useTypedAhead(View === null)
  useEffect(() => {
    if (!isFailed) return
    say('The search could not be loaded: reload the page')
    close()
  }, [isFailed])
  return View && <View close={close} begunWith={ahead} />
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
