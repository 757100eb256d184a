/** JSON Web Tokens of users: HS256, the user's id in `sub`. */
import { randomBytes } from 'node:crypto'
import { SignJWT, errors, jwtVerify } from 'jose'
import { hours, seconds, type Instant, type Millis } from '../../contract/units.ts'

export interface Tokens {
  /** True when anyone may have a token: no secret was given from outside. */
  readonly isOpen: boolean
  /** @throws TokenRefused saying why, in words fit for the client */
  verify(token: string): Promise<TokenHolder>
  /** @param lifetime how long it is good; null for half a day */
  issue(userId: string, lifetime: Millis | null): Promise<string>
}

export interface TokenHolder {
  readonly userId: string
  /** Null for a token without an end. */
  readonly expiresAt: Instant | null
}

export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
}

const LOCAL_TOKEN_LIFETIME: Millis = hours(12)

/** @param secret null makes a random one, good until the process ends */
export function createTokens(secret: string | null, issuer: string | null): Tokens {
  const key = secret === null ? randomBytes(32) : new TextEncoder().encode(secret)
  const required = { algorithms: ['HS256'], requiredClaims: ['sub'], ...(issuer === null ? {} : { issuer }) }
  return {
    isOpen: secret === null,
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, required)
        if (!payload.sub) throw new TokenRefused('the token names no user')
        return { userId: payload.sub, expiresAt: payload.exp === undefined ? null : seconds(payload.exp) }
      } catch (error) {
        throw error instanceof TokenRefused ? error : new TokenRefused(reasonFor(error), { cause: error })
      }
    },
    issue(userId, lifetime) {
      const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(userId).setIssuedAt()
      if (issuer !== null) token.setIssuer(issuer)
      return token.setExpirationTime(`${Math.round((lifetime ?? LOCAL_TOKEN_LIFETIME) / 1_000)}s`).sign(key)
    },
  }
}

function reasonFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return `the token's claim ${error.claim} is wrong`
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the token was signed with another secret'
  return 'the token cannot be read'
}
