/** An event's place: from the fields of its frame, or from what the SDK adds to frames that have no place of their own. */
export interface Place {
  readonly run_id: string
  /** 1, 2, 3 … per run. */
  readonly seq: number
  readonly epoch: string
}

/** Null when the frame belongs to no run, or does not say where in it. */
export function placeOf(frame: unknown): Place | null {
  const place = fieldOf(frame, 'laststep') ?? frame
  const [run_id, seq, epoch] = [fieldOf(place, 'run_id'), fieldOf(place, 'seq'), fieldOf(place, 'epoch')]
  return typeof run_id === 'string' && typeof epoch === 'string' && typeof seq === 'number' && seq > 0
    ? { run_id, seq, epoch }
    : null
}

/** Of what came from outside, and may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
