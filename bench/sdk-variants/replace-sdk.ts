/**
 * Loaded before the reference runtime (`node --import <this>?by=off`): puts the module of that name beside this file in
 * the place of `@laststep/sdk`, so that the runtime itself stays as it is.
 */
import { registerHooks } from 'node:module'

const replacement = new URL(`./${new URL(import.meta.url).searchParams.get('by')}.ts`, import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) => next(specifier === '@laststep/sdk' ? replacement : specifier, context),
})
