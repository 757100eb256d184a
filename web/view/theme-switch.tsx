import { Icon } from './icon.tsx'
import { THEMES, useScreen } from './screen.ts'

/** System, light, dark: one button that goes round, saying where it stands. */
export function ThemeSwitch() {
  const { theme } = useScreen()
  const choice = theme.choice.value
  const next = THEMES[(THEMES.indexOf(choice) + 1) % THEMES.length] ?? 'system'
  return (
    <button
      type="button"
      class="button is-square"
      aria-label={`Theme: ${choice}. Change to ${next}`}
      title={`Theme: ${choice}`}
      onClick={() => theme.choose(next)}
    >
      <Icon name={choice} />
    </button>
  )
}
