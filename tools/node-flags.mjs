/**
 * How the collector's garbage is to be collected. What it allocates is a hundred times what it keeps, and half of that
 * is request bodies outside the heap:
 *
 * - most of it is dead before a young generation of 32 MiB is full; a smaller one copies what is about to die;
 * - counted by itself, the memory of bodies starts a walk over the whole heap every 64 MiB, four times a second under
 *   load; counted with everything else it starts half as many (V8's own words: `node --v8-options`).
 */
export const NODE_FLAGS = ['--max-semi-space-size=32', '--external-memory-accounted-in-global-limit']
