/**
 * Cuts a stream into its frames as its bytes pass by, wherever they are split: the events of Server-Sent Events
 * (WHATWG HTML, 9.2.6), or lines of JSON. It keeps one unfinished frame, and of that no more than its beginning.
 */

/** One event of Server-Sent Events, or one line. */
export interface StreamFrame {
  /** The event's own name; null when it has none. */
  readonly event: string | null
  /** The `id` it brings: what a client that has seen it says when it is back. */
  readonly id: string | null
  /** Its data: the beginning of it, when it is longer than anybody should have to keep. */
  readonly data: string
  readonly isWhole: boolean
  /** Of the frame, as sent. */
  readonly bytes: number
}

/** `text` has no frames that anybody could tell apart. */
export type StreamForm = 'events' | 'lines' | 'text'

export interface StreamReader {
  /** Null until its first line has come. */
  readonly form: StreamForm | null
  /** The frames that end in this piece of the stream. */
  read(piece: Uint8Array | string): StreamFrame[]
  /** What the end of the stream ends: a last line without a line break. An event without its blank line is none. */
  end(): StreamFrame[]
}

/** Of one line, and of the data of one event: enough for the type of any message, and for all of most. */
const KEPT_MAX = 65_536
const FIELD = /^(?:data|event|id|retry)?:|^data$/

interface Unfinished {
  event: string | null
  id: string | null
  data: string | null
  isWhole: boolean
  bytes: number
}

const nothing = (): Unfinished => ({ event: null, id: null, data: null, isWhole: true, bytes: 0 })

export function readStream(): StreamReader {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let form: StreamForm | null = null
  let frame = nothing()
  /** The line without its end, and how much of it was not kept. */
  let line = ''
  let lineBytes = 0
  let isLineWhole = true
  /** The last piece ended with a CR: an LF that follows belongs to it. */
  let endedWithCr = false

  return {
    get form() {
      return form
    },
    read(piece) {
      if (form === 'text') return []
      // Text after bytes: what is left of a character that was cut there belongs before it.
      const text = typeof piece === 'string' ? decoder.decode() + piece : decoder.decode(piece, { stream: true })
      const frames: StreamFrame[] = []
      let from = endedWithCr && text.startsWith('\n') ? 1 : 0
      if (text !== '') endedWithCr = text.endsWith('\r')
      for (const { index, 0: lineEnd } of text.matchAll(/\r\n|[\r\n]/g)) {
        if (index < from) continue
        grow(text.slice(from, index))
        frames.push(...endLine())
        from = index + lineEnd.length
      }
      grow(text.slice(from))
      return frames
    },
    end() {
      grow(decoder.decode())
      return line === '' || form === 'events' ? [] : endLine()
    },
  }

  function grow(text: string): void {
    if (text === '') return
    lineBytes += Buffer.byteLength(text)
    const room = KEPT_MAX - line.length
    if (text.length > room) isLineWhole = false
    line += text.slice(0, room)
  }

  function endLine(): StreamFrame[] {
    // A byte order mark may stand before the first.
    const ended = form === null ? line.replace(/^\uFEFF/, '') : line
    const [isWhole, bytes] = [isLineWhole, lineBytes]
    line = ''
    lineBytes = 0
    isLineWhole = true
    form ??= formOf(ended)
    if (form === 'events') return endField(ended, isWhole, bytes)
    const isObject = form === 'lines' && ended.trimStart().startsWith('{')
    return isObject ? [{ event: null, id: null, data: ended, isWhole, bytes }] : []
  }

  function endField(text: string, isWhole: boolean, bytes: number): StreamFrame[] {
    // The line's end is counted as one byte: as most write it.
    frame.bytes += bytes + 1
    if (text === '') return endEvent()
    const colon = text.indexOf(':')
    const name = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1))
    if (name === 'event') frame.event = value
    // A NUL makes an id no id; an empty one takes back what came before.
    else if (name === 'id' && !value.includes('\0')) frame.id = value === '' ? null : value
    else if (name === 'data') {
      const data = frame.data === null ? value : `${frame.data}\n${value}`
      frame.data = data.slice(0, KEPT_MAX)
      frame.isWhole &&= isWhole && data.length <= KEPT_MAX
    }
    return []
  }

  function endEvent(): StreamFrame[] {
    const { data, ...rest } = frame
    frame = nothing()
    return data === null ? [] : [{ ...rest, event: rest.event === '' ? null : rest.event, data }]
  }
}

/** By the first line that is not empty. */
function formOf(line: string): StreamForm | null {
  if (line.trim() === '') return null
  if (line.trimStart().startsWith('{')) return 'lines'
  return FIELD.test(line) ? 'events' : 'text'
}
