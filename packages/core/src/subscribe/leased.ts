import { map, Observable, Subscription, type Subscriber } from 'rxjs';
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
  return new Observable<E>((subscriber) => new LeasedReading(context, active, subscriber).begin());
}

class LeasedReading<E> {
  private reading = Subscription.EMPTY;
  /** How many streams have work under way, which may still be committed. */
  private atWork = 0;
  private keeper: LeaseKeeper | undefined;

  constructor(
    private readonly context: LeasedContext,
    private readonly active: (held: HeldToken) => Observable<E>,
    private readonly subscriber: Subscriber<E>,
  ) {}

  begin(): void {
    const { stream, topic, name, maxAttempts } = this.context;
    const key$ = stream.transport.organization().pipe(
      retryTransient(stream, (...pause) => this.waiting(...pause), maxAttempts),
      map((organizationId) => ({ organizationId, topic, name })),
    );
    this.subscriber.add(
      key$.subscribe({ next: (key) => this.keep(key), error: (error: unknown) => this.failed(error) }),
    );
    this.subscriber.add(() => {
      this.reading.unsubscribe();
      if (this.atWork > 0) this.keeper?.retire();
      else void this.keeper?.stop();
    });
  }

  private keep(key: PositionKey): void {
    const { stream, lease, tell } = this.context;
    this.keeper = new LeaseKeeper(stream, lease, key, {
      standby: () => tell('standby'),
      acquired: (token, isHeld) => this.acquired(token, isHeld),
      lost: () => {
        this.reading.unsubscribe();
        tell('lost');
      },
      waiting: (...pause) => this.waiting(...pause),
      failed: (error) => this.failed(error),
    });
    this.keeper.start();
  }

  private acquired(token: number, isHeld: HeldToken['isHeld']): void {
    this.context.tell('acquired', () => ({ token }));
    // The listener may have ended it.
    if (this.subscriber.closed) return;
    this.atWork++;
    const over = () => {
      this.atWork--;
      return this.stopIfOver();
    };
    const fenced = () => this.keeper?.lose();
    this.reading = this.active({ token, isHeld, over, fenced }).subscribe({
      next: (event) => this.subscriber.next(event),
      error: (error: unknown) => this.subscriber.error(error),
      complete: () => this.subscriber.complete(),
    });
  }

  private async stopIfOver(): Promise<void> {
    if (this.subscriber.closed && this.atWork === 0) await this.keeper?.stop();
  }

  private waiting(attempt: number, delayMs: number, cause: RxforceError): void {
    this.context.waiting(attempt, delayMs, cause, !this.reading.closed);
  }

  private failed(error: unknown): void {
    this.context.failed(error);
    this.context.tell('closed', () => ({ cause: RxforceError.from(error) }));
    this.subscriber.error(error);
  }
}
