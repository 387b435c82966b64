import { ConfigurationError, plainText, RxforceError } from '@rxforce/core/model';
import { asyncScheduler, from, lastValueFrom, throwError, timeout, type Observable, type SchedulerLike } from 'rxjs';
import { wordsOf } from '../config/setting-words.js';
import { isRetriable, SinkError, type Sink } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';

/** The longest wait for an answer, in milliseconds. A process that waits on has not started. */
const CHECK_MS = 10_000;

/** What a check of a sink takes from around it. */
export interface CheckOptions {
  readonly scheduler?: SchedulerLike;
  /** Gets why the sink is wrong for good, where it says so only after it was given up. */
  readonly later?: (why: string) => void;
}

/**
 * Asks a sink whether it can be written to.
 *
 * @param later - Gets the error of a sink that was given up.
 * @throws rejects with the error of the sink, or with a `SinkError` when it has not answered for 10 s.
 */
export async function askSink(
  sink: Sink,
  scheduler: SchedulerLike = asyncScheduler,
  later: (error: unknown) => void = () => undefined,
): Promise<void> {
  const asked = (async () => (await sink.check?.(), undefined))();
  const givenUp = () => {
    asked.catch(later);
    return new SinkError(`it has not answered for ${CHECK_MS / 1_000} s.`);
  };
  const limit = timeout<undefined, Observable<never>>({ first: CHECK_MS, with: () => throwError(givenUp), scheduler });
  await lastValueFrom(from(asked).pipe(limit));
}

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
  { scheduler = asyncScheduler, later = () => undefined }: CheckOptions = {},
): Promise<string | undefined> {
  try {
    await askSink(sink, scheduler, (error) => {
      // Where it is the org's fault, events may wait for what does not pass by itself.
      if (!isRetriable(error)) later(textOf(error));
    });
    return undefined;
  } catch (thrown) {
    const cause = causeOf(thrown);
    // The login that a sink may need says by itself what is wrong.
    if (RxforceError.is(cause) && cause.code === 'authentication' && !cause.retriable) throw cause;
    if (!isRetriable(cause)) throw new ConfigurationError(problemOf(name, textOf(thrown)), { cause });
    return textOf(thrown);
  }
}

/** The error itself, where it is one of the org that the sink has asked. */
function causeOf(error: unknown): unknown {
  return error instanceof SourceError ? error.cause : error;
}

function textOf(error: unknown): string {
  return plainText(wordsOf(error));
}

/** A sentence that says so. */
function problemOf(name: string, why: string): string {
  return `The sink ${name} cannot be written to: ${why}`;
}
