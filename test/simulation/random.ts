/** Chance that can be repeated: the same seed makes the same choices. */
export interface Random {
  /** A whole number, both ends included. */
  int(min: number, max: number): number
  chance(share: number): boolean
  pick<Item>(list: readonly [Item, ...Item[]]): Item
  shuffled<Item>(list: readonly Item[]): Item[]
  /** Choices of its own, which do not depend on how many were made before. */
  fork(what: string): Random
}

export function openRandom(seed: string): Random {
  const next = sfc32(seed)
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    int,
    chance: (share) => next() < share,
    pick: (list) => list[int(0, list.length - 1)] ?? list[0],
    shuffled(list) {
      const mixed = [...list]
      for (let at = mixed.length - 1; at > 0; at--) {
        const other = int(0, at)
        const held = mixed[at]
        mixed[at] = mixed[other] as (typeof mixed)[number]
        mixed[other] = held as (typeof mixed)[number]
      }
      return mixed
    },
    fork: (what) => openRandom(`${seed}/${what}`),
  }
}

/** Chris Doty-Humphrey's sfc32: small, fast, and good enough for a world. @returns a number below 1 */
function sfc32(seed: string): () => number {
  let hash = 2_166_136_261
  for (const char of seed) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619)
  let [a, b, c, counter] = [hash | 0, Math.imul(hash, 0x9e37_79b9), ~hash, 1]
  const step = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) step()
  return () => step() / 2 ** 32
}
