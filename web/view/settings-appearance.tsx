/** How this browser shows things. */
import type { ComponentChildren } from 'preact'
import { NAME_CHARS_MAX } from '../../contract/incidents.ts'
import { zoneName } from '../model/format.ts'
import { ZONES, type Zone } from '../model/zone.ts'
import { paths, WALL_SCREENS } from '../paths.ts'
import { KeyHint } from './key-hint.tsx'
import { DENSITIES, THEMES, useScreen, type Choice, type Density, type Theme } from './screen.ts'

const THEME_WORDS: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' }
const DENSITY_WORDS: Readonly<Record<Density, string>> = { comfortable: 'Comfortable', compact: 'Compact' }
const ZONE_WORDS: Readonly<Record<Zone, string>> = { local: 'Your own', utc: 'UTC' }

/** Half a minute each is time to read both. */
const WALL = { screen: 'live', rotate: WALL_SCREENS, every: 30_000 } as const

export function AppearanceSettings() {
  const { theme, density, zone, name, live } = useScreen()
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  return (
    <section class="card settings" aria-labelledby="appearance">
      <header>
        <h2 id="appearance">Appearance</h2>
        <span class="hint">in this browser</span>
      </header>
      <Choices name="theme" says="Theme" words={THEME_WORDS} options={THEMES} of={theme} />
      <Choices name="density" says="Rows" words={DENSITY_WORDS} options={DENSITIES} of={density}>
        Compact rows are for a mouse; on a touch screen they stay as tall as a finger.
      </Choices>
      <Choices name="zone" says="Times" words={ZONE_WORDS} options={ZONES} of={zone}>
        Now in {zoneName(live.now())}. <KeyHint action="zone" /> changes it on every page.
      </Choices>
      <div class="setting">
        <label class="field is-wide">
          <span>Your name</span>
          <input
            type="text"
            maxLength={NAME_CHARS_MAX}
            defaultValue={name.choice.value}
            autocomplete="name"
            onChange={(event) => name.choose(event.currentTarget.value.trim())}
          />
        </label>
        <p class="hint">Stands beside what you decide about stalls. Nobody checks it: there is no signing in yet.</p>
      </div>
      <div class="setting">
        <h3>Motion</h3>
        <p class="hint">
          {isStill
            ? 'Your system asks for less motion: nothing here moves by itself.'
            : 'One thing moves by itself, the dot beside “Live”. It stops while the page is paused, or when your system asks for less motion.'}
        </p>
      </div>
      <div class="setting">
        <h3>On a wall</h3>
        <p>
          <a href={paths.wall({ ...WALL, rotate: ['live'] })}>The live board</a> or{' '}
          <a href={paths.wall(WALL)}>the live board and trends in turn</a>
          <span class="hint">, in letters to be read from five metres. The screen stays lit; Esc leaves.</span>
        </p>
      </div>
    </section>
  )
}

interface ChoicesProps<T extends string> {
  readonly name: string
  readonly says: string
  readonly words: Readonly<Record<T, string>>
  readonly options: readonly T[]
  readonly of: Choice<T>
  readonly children?: ComponentChildren
}

function Choices<T extends string>({ name, says, words, options, of, children }: ChoicesProps<T>) {
  return (
    <fieldset class="setting">
      <legend>{says}</legend>
      <div class="radios">
        {options.map((option) => (
          <label key={option}>
            <input type="radio" name={name} checked={of.choice.value === option} onChange={() => of.choose(option)} />
            {words[option]}
          </label>
        ))}
      </div>
      {children && <p class="hint">{children}</p>}
    </fieldset>
  )
}
