import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** What the page of a run shares with the others that show one. */
const RUN_VIEWS =
  /contract\/span-attributes|web\/model\/(?:advice|attributes|findings|gaps|lane|layout|selected-moment|sentence|timeline)|web\/view\/(?:advice|checklist|code-at|evidence-list|run-headline|use-fresh-run)/

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Any lower and Lightning CSS rewrites light-dark() into media queries, which breaks the theme switch.
    cssTarget: ['chrome123', 'edge123', 'firefox121', 'safari18'],
    modulePreload: { polyfill: false },
    // Which page needs which files: `bench/web/sizes.ts` adds them up.
    manifest: true,
    rolldownOptions: {
      output: {
        // What every page needs is one file, and so is what shows a run: cut up by who shares it, it packs worse.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'base', tags: ['$initial'], priority: 1 },
            { name: 'run-views', test: RUN_VIEWS },
          ],
        },
      },
    },
  },
  server: {
    // `npx vite web` beside a running collector.
    proxy: { '/api': { target: 'http://127.0.0.1:4319', ws: true } },
  },
})
