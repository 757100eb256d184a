import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

/** What the page of a run shares with the others that show one. */
const RUN_VIEWS =
  /contract\/span-attributes|web\/model\/(?:advice|attributes|findings|gaps|lane|layout|selected-moment|sentence|timeline)|web\/view\/(?:advice|checklist|code-at|evidence-list|run-headline|use-fresh-run)/

/** What adding to an investigation needs; the pages of investigations need it too, and Markdown besides. */
const PINNING =
  /contract\/(?:apply-edit|investigations)|web\/data\/(?:investigations|posted|sheet)\.|web\/model\/(?:clash|evidence-drafts|investigation-words|open-sheet|sheet-fields|unsent)|web\/view\/(?:pin-sheet|use-investigations)/

/**
 * A QueryClient makes a cache of mutations, which nothing here uses: 1 kB of every first visit. It is asked to do two
 * things, both of which are nothing for a cache that is empty.
 */
const noMutations: Plugin = {
  name: 'no-mutations',
  enforce: 'pre',
  load: (id) =>
    /query-core\/build\/modern\/mutationCache\.js/.test(id)
      ? 'export class MutationCache { clear() {} resumePausedMutations() { return Promise.resolve() } }'
      : null,
}

export default defineConfig({
  plugins: [noMutations],
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
            { name: 'pinning', test: PINNING },
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
