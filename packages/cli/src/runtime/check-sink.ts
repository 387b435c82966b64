import { ConfigurationError, plainText, RxforceError } from '@rxforce/core/model';
import { asyncScheduler, defer, lastValueFrom, of, timeout, type Observable, type SchedulerLike } from 'rxjs';
import { wordsOf } from '../config/setting-words.js';
import { isRetriable, type Sink } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';

/** The longest wait for an answer, in milliseconds. A process that waits on has not started. */
const CHECK_MS = 10_000;

/**
 * Looks whether a sink can be written to. What may pass is no error: events wait for it. A sink that does not answer
 * within 10 s may answer later.
 *
 * @param name - Its name in the configuration.
 * @returns Why it cannot be written to now; `undefined` when it can.
 * @throws rejects with a `ConfigurationError` when it is wrong for good: all events would become dead letters; and with
 * an `AuthenticationError` when the login is refused that it needs.
 */
export async function checkSink(
  name: string,
  sink: Sink,
  scheduler: SchedulerLike = asyncScheduler,
): Promise<string | undefined> {
  const late = () => of(`it has not answered for ${CHECK_MS / 1_000} s.`);
  const limit = timeout<undefined, Observable<string>>({ first: CHECK_MS, with: late, scheduler });
  try {
    return await lastValueFrom(defer(async () => (await sink.check?.(), undefined)).pipe(limit));
  } catch (thrown) {
    const cause = thrown instanceof SourceError ? thrown.cause : thrown;
    // The login that a sink may need says by itself what is wrong.
    if (RxforceError.is(cause) && cause.code === 'authentication' && !cause.retriable) throw cause;
    const text = plainText(wordsOf(cause));
    if (!isRetriable(cause)) throw new ConfigurationError(problemOf(name, text), { cause });
    return text;
  }
}

/** A sentence that says so. */
function problemOf(name: string, why: string): string {
  return `The sink ${name} cannot be written to: ${why}`;
}
