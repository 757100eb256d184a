import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

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
        // What every page needs is one file: cut up by who shares it, it packs worse.
        codeSplitting: { groups: [{ name: 'base', tags: ['$initial'] }] },
      },
    },
  },
  server: {
    // `npx vite web` beside a running collector.
    proxy: { '/api': { target: 'http://127.0.0.1:4319', ws: true } },
  },
})
