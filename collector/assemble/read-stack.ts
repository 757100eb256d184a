import type { CodeLocation } from '../../contract/runs.ts'

/** `at build (file:///srv/app/server/factory.ts:41:11)` and `at /srv/app/x.js:3:1` of V8. */
const V8_FRAME = /^\s*at (?:(?:async )?(.+?) \()?(?:file:\/\/)?([^\s()]+?):(\d+):\d+\)?\s*$/
/** `  File "/srv/app/core.py", line 539, in build` of CPython. */
const PYTHON_FRAME = /^\s*File "([^"]+)", line (\d+)(?:, in (.+))?\s*$/
/** Code nobody of this project wrote. */
const FOREIGN = /(^|\/)node_modules\/|^node:|(^|\/)site-packages\/|(^|\/)lib\/python3/

/** What is known of the process that threw. */
export interface Surroundings {
  /** The folder its code locations are relative to, when it says so. */
  readonly workingDirectory: string | null
  /** A location of the same process, relative to its root as the SDK writes it. */
  readonly near: CodeLocation | null
}

/**
 * The line that threw, of the project's own code where the stack has any; its file as the spans of its process write
 * theirs: relative to the working directory, or, where that is not told, to the root they seem to have.
 */
export function readStack(stack: string, { workingDirectory, near }: Surroundings): CodeLocation | null {
  const frames = readFrames(stack)
  const frame = frames.find(({ file }) => !FOREIGN.test(file)) ?? frames[0]
  if (frame === undefined) return null
  const { file } = frame
  const root =
    workingDirectory === null
      ? (near === null ? '' : rootOf(file, near.file)) || packageRoot(file, frames)
      : folderOf(workingDirectory)
  return { ...frame, file: file.startsWith(root) ? file.slice(root.length) : file }
}

/** With a slash at its end, and with the slashes of the file URLs in stacks. */
function folderOf(path: string): string {
  const slashed = path.replaceAll('\\', '/')
  return slashed.endsWith('/') ? slashed : `${slashed}/`
}

/** `/srv/app/` of `/srv/app/server/a/b.ts` when another file of the process is known as `server/c.ts`; else nothing. */
function rootOf(file: string, near: string): string {
  const folders = near.split('/').slice(0, -1)
  for (let count = folders.length; count > 0; count--) {
    const at = file.indexOf(`/${folders.slice(0, count).join('/')}/`)
    if (at >= 0) return file.slice(0, at + 1)
  }
  return ''
}

/** The folder whose `node_modules` other frames run from: what a Node project calls its root. */
function packageRoot(file: string, frames: readonly CodeLocation[]): string {
  for (const { file: other } of frames) {
    const at = other.indexOf('/node_modules/')
    if (at > 0 && file.startsWith(other.slice(0, at + 1))) return other.slice(0, at + 1)
  }
  return ''
}

/** The innermost frame first. CPython prints it last, V8 first. */
function readFrames(stack: string): CodeLocation[] {
  const lines = stack.split('\n')
  const v8 = lines.flatMap((line) => {
    const [, name, file, at] = V8_FRAME.exec(line) ?? []
    return file === undefined ? [] : [{ file, line: Number(at), function: name ?? null }]
  })
  if (v8.length > 0) return v8
  const python = lines.flatMap((line) => {
    const [, file, at, name] = PYTHON_FRAME.exec(line) ?? []
    return file === undefined ? [] : [{ file, line: Number(at), function: name ?? null }]
  })
  return python.toReversed()
}
