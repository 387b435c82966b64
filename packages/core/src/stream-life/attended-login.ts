import { firstValueFrom, from, NEVER, takeUntil, timer, type Observable, type SchedulerLike } from 'rxjs';
import { AuthenticationError, ConnectionError, RxforceError } from '../model/errors.js';
import type { Logger } from '../ports/logger.js';
import { noAnswerYet, QUIET_MS } from '../ports/no-answer-yet.js';
import { onceForAll } from '../ports/once-for-all.js';
import type { OrgSession, SessionProvider } from '../ports/session-provider.js';
import { SILENCE_MS, tellSilence } from './tell-silence.js';

/** The codes of Node, undici and others for a failed connection that may work later. */
const CONNECTION_CODES = /^(E(CONN\w+|NOTFOUND|AI_AGAIN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|NETDOWN)|UND_ERR_\w+)$/;

/**
 * Wraps a login that may be the user's own. Where it does not answer, the logger is warned after 15, 60, 90, … seconds:
 * most logins have a limit of 30 seconds, and what they reject with then says more. Its rejections become errors of
 * rxforce.
 *
 * @param closed - Emits when the warnings must end.
 */
export function attendedLogin(
  provider: SessionProvider,
  scheduler: SchedulerLike,
  logger: Logger,
  closed: Observable<unknown> = NEVER,
): SessionProvider {
  // A login with a time limit is tried again and again. Those that were slow and failed are reported as failures.
  const early = onceForAll(logger, scheduler);
  let wasSlow = false;
  return {
    open: async () => {
      // A thrown error, or a value in place of a promise, counts as an answer.
      const opening = new Promise<OrgSession>((resolve) => resolve(provider.open()));
      const told = tellSilence<OrgSession>(
        scheduler,
        (times) => times > 1 && logger.warn(silentLogin(times).message),
        closed,
      );
      const saidBefore = wasSlow;
      wasSlow = false;
      const quiet = timer(QUIET_MS, scheduler)
        .pipe(takeUntil(closed))
        .subscribe(() => {
          if (!saidBefore) early.warn(noAnswerYet('the login'));
          wasSlow = true;
        });
      try {
        const session = await firstValueFrom(from(opening).pipe(told));
        wasSlow = false;
        return session;
      } catch (error) {
        throw loginError(error);
      } finally {
        quiet.unsubscribe();
      }
    },
  };
}

/** The error of a login that does not answer. */
export function silentLogin(times: number): ConnectionError {
  return new ConnectionError(
    `The login has not answered for ${(times * SILENCE_MS) / 1_000} s. It is waited for, and until then no stream is opened and ` +
      'nothing is published. Check open() of the session provider that auth is: a request without a time limit, a promise that ' +
      'nobody resolves.',
  );
}

function loginError(thrown: unknown): RxforceError {
  if (RxforceError.is(thrown)) return thrown;
  const reason = thrown instanceof Error ? thrown.message : `it rejected with ${typeof thrown}, and no Error`;
  const details = thrown instanceof Error ? { cause: bareError(thrown) } : {};
  if (isConnectionFailure(thrown)) {
    return new ConnectionError(`The login failed, because its endpoint was not reached: ${reason}`, details);
  }
  return new AuthenticationError(
    `The login failed: ${reason}. It is not tried again, so that no user is locked out. Where trying again helps, let open() of ` +
      'the session provider reject with a ConnectionError, or an AuthenticationError that is retriable.',
    { ...details, reason: 'other' },
  );
}

/** Most causes that are followed, as an error may be its own cause. */
const MOST_CAUSES = 5;

/** `fetch` has the reason in the cause. */
function isConnectionFailure(thrown: unknown, causes = 0): boolean {
  const { code, name, cause } = Object(thrown) as { code?: unknown; name?: unknown; cause?: unknown };
  if (name === 'TimeoutError' || (typeof code === 'string' && CONNECTION_CODES.test(code))) return true;
  return cause !== undefined && causes < MOST_CAUSES && isConnectionFailure(cause, causes + 1);
}

/** Copies an error without the request that HTTP libraries put into it, and so without its secrets. */
function bareError({ name, message, stack }: Error): Error {
  return Object.assign(new Error(message), { name, ...(stack !== undefined && { stack }) });
}
