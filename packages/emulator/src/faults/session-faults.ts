import { NOT_AUTHENTICATED } from '../grpc/call-metadata.js';
import type { FaultContext } from './fault-context.js';
import { type Check, type Checks, flag, optional, readOptions, text, wholeNumber } from '../model/option-checks.js';

/** What happens to streams whose session expires. */
export interface ExpireSessionsOptions {
  /**
   * Whether live streams also end, with UNAUTHENTICATED. The service itself lets them continue.
   *
   * @defaultValue false
   */
  readonly cutExpired?: boolean;
}

/** The answer to a refused login. */
export interface LoginError {
  /**
   * HTTP status, from 400 to 599.
   *
   * @defaultValue 400
   */
  readonly status?: number;
  /**
   * OAuth's name of the error.
   *
   * @defaultValue 'invalid_grant'
   */
  readonly error?: string;
  /** @defaultValue 'authentication failure' */
  readonly description?: string;
}

/** Faults of sessions and logins. All throw a `ConfigurationError` for arguments that are not valid. */
export interface SessionFaults {
  /**
   * Ends all sessions so far, including the session of the emulator's credentials. New calls with their access tokens
   * are refused with UNAUTHENTICATED, `service.auth.error`. Live streams continue.
   */
  expireSessions(options?: ExpireSessionsOptions): void;
  /**
   * Refuses the next logins, whatever their credentials.
   *
   * @param times - How many logins; 1 by default.
   */
  refuseLogins(times?: number, error?: LoginError): void;
  /** How many logins have got an access token so far. */
  logins(): number;
}

const EXPIRE_OPTIONS: Checks<ExpireSessionsOptions> = { cutExpired: optional(flag) };

const LOGIN_ERROR: Checks<LoginError> = {
  status: optional(wholeNumber(400, 599)),
  error: optional(text),
  description: optional(text),
};

const times: Check<number> = wholeNumber(1);

/** Makes the faults of sessions. */
export function sessionFaults({ sessions, refusals, server }: FaultContext): SessionFaults {
  return {
    expireSessions: (options = {}) => {
      const { cutExpired = false } = readOptions('expireSessions', options, EXPIRE_OPTIONS);
      sessions.expire();
      if (cutExpired) server.calls.all().forEach(({ stream }) => stream.fail(NOT_AUTHENTICATED));
    },
    refuseLogins: (count = 1, answer = {}) => {
      const {
        status = 400,
        error = 'invalid_grant',
        description = 'authentication failure',
      } = readOptions('refuseLogins: error', answer, LOGIN_ERROR);
      refusals.plan(times('refuseLogins: times', count), { status, error, description });
    },
    logins: () => sessions.logins,
  };
}
