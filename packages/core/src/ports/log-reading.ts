import { Observable, type Subscriber } from 'rxjs';
import type { LogResponse } from './event-log.js';

/** One reading of one partition. It emits through the subscriber that it was made with. */
export interface LogReader {
  /** Is called at most once. Never rejects. */
  begin(): void | Promise<void>;
  /** So many more entries are wanted. Also called before `begin`. */
  want(count: number): void;
  /** The reading is over: nothing is emitted any more, and what is open is given up. */
  stop(): void;
}

/**
 * What `EventLog.read` returns: each subscription makes a reading of its own. It wants what `demand` emits, and ends
 * when `demand` does.
 */
export function readByDemand(
  demand: Observable<number>,
  readerFor: (subscriber: Subscriber<LogResponse>) => LogReader,
): Observable<LogResponse> {
  return new Observable((subscriber) => {
    const reader = readerFor(subscriber);
    subscriber.add(
      demand.subscribe({
        next: (count) => reader.want(count),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
    subscriber.add(() => reader.stop());
    if (!subscriber.closed) void reader.begin();
  });
}
