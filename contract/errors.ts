/** The handful of error codes of the whole product, and the HTTP status each becomes. */
export const HTTP_STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'wrong-method': 405,
  'too-large': 413,
  unavailable: 503,
  internal: 500,
} as const

export type ErrorCode = keyof typeof HTTP_STATUS

/** Body of every error answer of the API. `message` is for people and says what to do. */
export interface ApiError {
  readonly error: { readonly code: ErrorCode; readonly message: string }
}
