/** What this collector is, which only its start can change; and what this browser does, which is the reader's. */
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { useRoute } from 'preact-iso/router'
import { paths, SETTINGS_PAGES, type SettingsPage as Page } from '../paths.ts'
import { readSettingsPage } from '../read-address.ts'
import { AppearanceSettings } from './settings-appearance.tsx'
import { CodeSettings } from './settings-code.tsx'
import { GeneralSettings, RetentionSettings } from './settings-collector.tsx'
import { KeySettings } from './settings-keys.tsx'

const PAGES: Readonly<Record<Page, { readonly name: string; readonly view: ComponentType }>> = {
  general: { name: 'General', view: GeneralSettings },
  retention: { name: 'Retention', view: RetentionSettings },
  appearance: { name: 'Appearance', view: AppearanceSettings },
  keys: { name: 'Keys', view: KeySettings },
  code: { name: 'Code links', view: CodeSettings },
}

export function SettingsPage() {
  const { params } = useRoute()
  const page = readSettingsPage(params['page'])
  const { name, view: View } = PAGES[page]
  useEffect(() => void (document.title = `${name} · Settings · Laststep`), [name])
  return (
    <>
      <h1 class="settings-title">Settings</h1>
      <nav class="chips" aria-label="Settings">
        {SETTINGS_PAGES.map((each) => (
          <a key={each} class="chip" href={paths.settings(each)} aria-current={each === page ? 'page' : undefined}>
            {PAGES[each].name}
          </a>
        ))}
      </nav>
      <View />
    </>
  )
}
