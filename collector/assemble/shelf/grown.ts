type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

/** The column with room for so many values, half as large again at least; what it held stands where it stood. */
export function grown<Kind extends Column>(column: Kind, length: number): Kind {
  if (length <= column.length) return column
  const larger = new (column.constructor as new (length: number) => Kind)(
    Math.max(length, Math.ceil(1.5 * column.length)),
  )
  larger.set(column)
  return larger
}
