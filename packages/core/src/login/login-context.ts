/** Which kind of login it was, by the name of its function. */
export type LoginName = 'jwtBearer' | 'clientCredentials' | 'usernamePassword' | 'webServerFlow' | 'refreshToken';

/** What a login was tried with. Nothing of it is secret. */
export interface LoginContext {
  readonly login: LoginName;
  /** The login URL, without a path. */
  readonly origin: string;
  readonly username?: string;
  readonly audience?: string;
  /** How far our clock is behind the server's, when that makes an assertion too old, in milliseconds. */
  readonly behindMs?: number;
}
