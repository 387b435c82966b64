import { createHash, randomBytes } from 'node:crypto';

/** A permission that a user has given to an app in the browser. */
export interface Authorization {
  readonly redirectUri: string;
  /** The names of the scopes, separated by spaces. */
  readonly scope: string;
  /** The SHA-256 of a verifier, in base64url, where the app uses PKCE. */
  readonly codeChallenge: string | undefined;
}

/** How long a code can be used, in milliseconds. */
const CODE_LIFETIME_MS = 15 * 60_000;

/** The authorization codes and refresh tokens of an org. */
export class Authorizations {
  private readonly codes = new Map<string, { readonly authorization: Authorization; readonly until: number }>();
  private readonly used = new Set<string>();
  /** The refresh tokens, each with its scope. */
  private readonly refreshTokens = new Map<string, string>();

  /** @param now - The time, in milliseconds since 1970. */
  constructor(private readonly now: () => number) {}

  /** Issues a code for a user's permission. */
  authorize(authorization: Authorization): string {
    const code = `aPrx${randomBytes(48).toString('base64url')}`;
    this.codes.set(code, { authorization, until: this.now() + CODE_LIFETIME_MS });
    return code;
  }

  /** Redeems a code, which cannot be used again. Returns its authorization, or what is wrong with it. */
  redeem(code: string): Authorization | 'invalid' | 'expired' {
    const found = this.codes.get(code);
    if (found === undefined) return this.used.has(code) ? 'expired' : 'invalid';
    this.codes.delete(code);
    this.used.add(code);
    return found.until > this.now() ? found.authorization : 'expired';
  }

  /** Issues a refresh token. */
  issueRefreshToken(scope: string): string {
    const refreshToken = `5Aep861${randomBytes(60).toString('base64url')}`;
    this.refreshTokens.set(refreshToken, scope);
    return refreshToken;
  }

  /** The scope of a valid refresh token; `undefined` for any other. */
  scopeOf(refreshToken: string): string | undefined {
    return this.refreshTokens.get(refreshToken);
  }

  /** Ends a refresh token. Returns whether there was one. */
  revoke(refreshToken: string): boolean {
    return this.refreshTokens.delete(refreshToken);
  }
}

/** Whether a challenge was made from this verifier. */
export function isVerified(codeChallenge: string | undefined, codeVerifier: string | null): boolean {
  if (codeChallenge === undefined) return true;
  return (
    createHash('sha256')
      .update(codeVerifier ?? '')
      .digest('base64url') === codeChallenge.replace(/=+$/, '')
  );
}
