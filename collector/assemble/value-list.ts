/** Plain data as lists of values, without the names of their fields: half as long as JSON, and faster both ways. */

export function toValues<Data extends object>(data: Data, keys: readonly (keyof Data)[]): unknown[] {
  return keys.map((key) => data[key])
}

/** `blank` with the values written under these keys; it is changed, and returned. A field unknown then stays as it is. */
export function fromValues<Data extends object>(
  values: readonly unknown[],
  keys: readonly string[],
  blank: Data,
): Data {
  // Field by field into the shape that is there: a checkpoint holds a million spans.
  for (const [index, key] of keys.entries()) blank[key as keyof Data] = values[index] as Data[keyof Data]
  return blank
}
