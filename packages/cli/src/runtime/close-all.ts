import { asyncScheduler, defer, lastValueFrom, throwError, timeout, type Observable, type SchedulerLike } from 'rxjs';

/** What can be closed. */
interface Closeable {
  close?(): unknown;
}

/** The longest wait for one thing to close: then it is left, and the others are closed. */
const CLOSE_MS = 10_000;

/** Something did not close in time, and was left. The message says it all. */
export class NotClosedError extends Error {
  override readonly name = 'NotClosedError';
  readonly code = 'not-closed';
}

/**
 * Closes something, and waits no longer than 10 s.
 *
 * @param what - What it is, for people: `The sink crm`.
 * @throws rejects with its error, or with a `NotClosedError` when it takes too long.
 */
export async function closeInTime(
  what: string,
  part: Closeable | undefined,
  scheduler: SchedulerLike = asyncScheduler,
): Promise<void> {
  const late = () => new NotClosedError(`${what} did not close within ${CLOSE_MS / 1_000} s, and was left.`);
  const limit = timeout<unknown, Observable<never>>({ first: CLOSE_MS, with: () => throwError(late), scheduler });
  await lastValueFrom(defer(() => Promise.resolve(part?.close?.())).pipe(limit));
}

/**
 * Closes one after the other, also where one of them fails: what stays open keeps the process alive.
 *
 * @param tell - Gets the errors after the first one.
 * @throws rejects with the first error, after all are closed.
 */
export async function closeAll(all: Iterable<Closeable | undefined>, tell?: (error: unknown) => void): Promise<void> {
  const errors: unknown[] = [];
  for (const each of all) {
    try {
      await each?.close?.();
    } catch (error) {
      errors.push(error);
    }
  }
  const [first, ...others] = errors;
  others.forEach((error) => tell?.(error));
  if (errors.length > 0) throw first;
}

/**
 * Does work, and closes after it. Where both fail, the error of the work says what is wrong.
 *
 * @param tell - Gets the error of closing, where the work has failed, too.
 * @throws rejects with the error of the work, else with that of closing.
 */
export async function closedAfter<T>(
  work: () => Promise<T>,
  close: () => Promise<unknown> | undefined,
  tell: (error: unknown) => void,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await closeAll([{ close }]).catch(tell);
    throw error;
  }
  await close();
  return result;
}

/** What was opened, one after the other, to be closed together. */
export class Opened {
  private readonly all: Closeable[] = [];

  /** Keeps what was opened, and returns it. */
  add<P extends object>(part: P): P {
    this.all.push(part);
    return part;
  }

  /** Closes all of them, as `closeAll` does. */
  close(): Promise<void> {
    return closeAll(this.all);
  }
}
