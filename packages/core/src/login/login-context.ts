/** The kind of login, by the name of its function. */
export type LoginName = 'jwtBearer' | 'clientCredentials' | 'usernamePassword' | 'webServerFlow' | 'refreshToken';

/** The context of a login. No part of it is secret. */
export interface LoginContext {
  readonly login: LoginName;
  /** The login URL, without a path. */
  readonly origin: string;
  readonly username?: string;
  readonly audience?: string;
  /** How far our clock is behind the server's, in milliseconds, when that makes an assertion too old. */
  readonly behindMs?: number;
}
