/** The asker's fault; an HTTP server may answer it with its `status`. */
export class BadQuery extends Error {
  override readonly name = 'BadQuery'
  readonly status = 400
}
