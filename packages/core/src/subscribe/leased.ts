import { map, Observable, Subscription } from 'rxjs';
import type { Lease } from '../ports/lease.js';
import type { PositionKey } from '../ports/replay-store.js';
import type { Tell } from '../ports/status.js';
import { RxforceError } from '../model/errors.js';
import { LeaseKeeper } from '../position/lease-keeper.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import type { HeldToken } from '../position/held-token.js';
import type { StreamContext } from './stream-context.js';

/** The parts of a subscription with a lease. */
export interface LeasedContext {
  readonly stream: StreamContext;
  readonly lease: Lease;
  readonly topic: string;
  /** The position's name. */
  readonly name: string;
  readonly maxAttempts: number;
  readonly tell: Tell;
  /** The lease was asked for in vain, or the org. `isReading`: the lease is held, and could not be renewed. */
  readonly waiting: (attempt: number, delayMs: number, cause: RxforceError, isReading: boolean) => void;
  /** The lease cannot be asked for any more, and the subscription is about to error. */
  readonly failed: (error: unknown) => void;
}

/**
 * The events of a subscription that is active while it holds a lease. Each time that it acquires the lease, a new
 * stream starts from the last commit.
 *
 * @param active - Makes the events while the lease with this fencing token is held.
 */
export function leased<E>(context: LeasedContext, active: (held: HeldToken) => Observable<E>): Observable<E> {
  const { stream, lease, topic, name, maxAttempts, tell } = context;
  return new Observable<E>((subscriber) => {
    let reading = Subscription.EMPTY;
    const waiting = (attempt: number, delayMs: number, cause: RxforceError) =>
      context.waiting(attempt, delayMs, cause, !reading.closed);
    let atWork = 0;
    let keeper: LeaseKeeper | undefined;
    const fail = (error: unknown) => {
      context.failed(error);
      tell('closed', () => ({ cause: RxforceError.from(error) }));
      subscriber.error(error);
    };
    const stopIfOver = async () => {
      if (subscriber.closed && atWork === 0) await keeper?.stop();
    };
    const keep = (key: PositionKey) => {
      keeper = new LeaseKeeper(stream, lease, key, {
        standby: () => tell('standby'),
        acquired: (token, isHeld) => {
          tell('acquired', () => ({ token }));
          // The listener may have ended it.
          if (subscriber.closed) return;
          atWork++;
          const over = () => {
            atWork--;
            return stopIfOver();
          };
          const fenced = () => keeper?.lose();
          reading = active({ token, isHeld, over, fenced }).subscribe({
            next: (event) => subscriber.next(event),
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          });
        },
        lost: () => {
          reading.unsubscribe();
          tell('lost');
        },
        waiting,
        failed: fail,
      });
      keeper.start();
    };
    subscriber.add(
      stream.transport
        .organization()
        .pipe(
          retryTransient(stream, waiting, maxAttempts),
          map((organizationId) => ({ organizationId, topic, name })),
        )
        .subscribe({ next: keep, error: fail }),
    );
    subscriber.add(() => {
      reading.unsubscribe();
      if (atWork > 0) keeper?.retire();
      else void keeper?.stop();
    });
  });
}
