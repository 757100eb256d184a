/** A histogram of few bins as bytes: bin and count in turn, each 32 bits. */

export function writeBins(bins: ReadonlyMap<number, number>): Uint8Array {
  // A count below zero would be of a run taken back from where it was never counted.
  const held = [...bins].filter(([, count]) => count > 0)
  return new Uint8Array(Uint32Array.from(held.flat()).buffer)
}

export function readBins(bytes: Uint8Array): Map<number, number> {
  const bins = new Map<number, number>()
  eachBin(bytes, (bin, count) => void bins.set(bin, count))
  return bins
}

export function eachBin(bytes: Uint8Array, tell: (bin: number, count: number) => void): void {
  const isAligned = bytes.byteOffset % 4 === 0
  const { buffer, byteOffset, byteLength } = isAligned ? bytes : bytes.slice()
  const values = new Uint32Array(buffer, byteOffset, byteLength / 4)
  for (let at = 0; at < values.length; at += 2) tell(values[at] ?? 0, values[at + 1] ?? 0)
}
