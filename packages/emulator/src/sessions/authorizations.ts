import { createHash, randomBytes } from 'node:crypto';

/** What a user let an app do, by browser. */
export interface Authorization {
  readonly redirectUri: string;
  /** Names with spaces between. */
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
  /** Each with its scope. */
  private readonly refreshTokens = new Map<string, string>();

  /** @param now - The time, in milliseconds since 1970. */
  constructor(private readonly now: () => number) {}

  /** Gives a code for what a user let an app do. */
  authorize(authorization: Authorization): string {
    const code = `aPrx${randomBytes(48).toString('base64url')}`;
    this.codes.set(code, { authorization, until: this.now() + CODE_LIFETIME_MS });
    return code;
  }

  /** Takes a code, which nobody can use again: what it was given for, or what is wrong with it. */
  redeem(code: string): Authorization | 'invalid' | 'expired' {
    const found = this.codes.get(code);
    if (found === undefined) return this.used.has(code) ? 'expired' : 'invalid';
    this.codes.delete(code);
    this.used.add(code);
    return found.until > this.now() ? found.authorization : 'expired';
  }

  /** Gives a refresh token. */
  issueRefreshToken(scope: string): string {
    const refreshToken = `5Aep861${randomBytes(60).toString('base64url')}`;
    this.refreshTokens.set(refreshToken, scope);
    return refreshToken;
  }

  /** The scope of a refresh token that counts; `undefined` for any other. */
  scopeOf(refreshToken: string): string | undefined {
    return this.refreshTokens.get(refreshToken);
  }

  /** Ends a refresh token. Gives whether there was one. */
  revoke(refreshToken: string): boolean {
    return this.refreshTokens.delete(refreshToken);
  }
}

/** Whether a verifier is the one that a challenge was made from. */
export function isVerified(codeChallenge: string | undefined, codeVerifier: string | null): boolean {
  if (codeChallenge === undefined) return true;
  return (
    createHash('sha256')
      .update(codeVerifier ?? '')
      .digest('base64url') === codeChallenge.replace(/=+$/, '')
  );
}
