/** Which kind of login it was, by the name of its function. */
export type LoginName = 'jwtBearer' | 'clientCredentials' | 'usernamePassword' | 'webServerFlow' | 'refreshToken';

/** What a login was tried with. Nothing of it is secret. */
export interface LoginContext {
  readonly login: LoginName;
  /** The login URL, without a path. */
  readonly origin: string;
  readonly username?: string;
  readonly audience?: string;
  /** The server's clock, when it is so far from ours that an assertion is too old or too new: ours less theirs, in ms. */
  readonly skewMs?: number;
}
