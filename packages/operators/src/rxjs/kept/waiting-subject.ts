import { Observable, Subject, type Observer, type Subscriber, type SubjectLike, type Subscription } from 'rxjs';
import { hold, inScopeOf, type Hold } from '@rxforce/core/delivery';

/** The groups or windows of a subscription that nobody has subscribed to yet. */
export class WaitingRoom<T> {
  /** `completed`: no more groups come, and those that wait may still be subscribed to. `closed`: they will not be. */
  state: 'open' | 'completed' | 'closed' = 'open';
  private readonly waiting = new Set<WaitingSubject<T>>();

  make(): WaitingSubject<T> {
    const subject = new WaitingSubject<T>(this);
    if (this.state === 'closed') subject.close();
    else this.waiting.add(subject);
    return subject;
  }

  /** For WaitingSubject: it keeps nothing any more, and will not. */
  leave(subject: WaitingSubject<T>): void {
    this.waiting.delete(subject);
  }

  /** The operator has ended: unless its source has completed, drops what waits, without settling it. */
  end(): void {
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.waiting.forEach((subject) => subject.close());
  }
}

/**
 * A group or a window. While nobody has subscribed to it, it keeps what comes, and holds it; its first subscriber gets that
 * first. From then on it is a Subject.
 */
export class WaitingSubject<T> implements SubjectLike<T> {
  private readonly live = new Subject<T>();
  /** Until there was a subscriber. */
  private waiting: { readonly value: T; readonly held: Hold }[] | undefined = [];
  private isReplaying = false;
  private isWatched = false;
  private readonly values = new Observable<T>((subscriber) => {
    if (this.waiting && !this.isReplaying) this.replay(subscriber);
    return this.live.subscribe(subscriber);
  });

  constructor(private readonly room: WaitingRoom<T>) {}

  next(value: T): void {
    this.waiting?.push({ value, held: hold(value, 'keeps') });
    this.live.next(value);
  }

  error(error: unknown): void {
    this.live.error(error);
  }

  complete(): void {
    this.live.complete();
    if (this.waiting?.length === 0) this.room.leave(this);
  }

  subscribe(observer: Partial<Observer<T>>): Subscription {
    return (this.isWatched ? this.live : this.values).subscribe(observer);
  }

  asObservable(): Observable<T> {
    return this.values;
  }

  /** Who subscribes during `subscribe` only wants to know when it ends: what is kept goes on waiting. */
  watchedBy(subscribe: () => void): void {
    this.isWatched = true;
    try {
      subscribe();
    } finally {
      this.isWatched = false;
    }
  }

  /** Nobody will subscribe to it. */
  close(): void {
    const waiting = this.stopWaiting();
    waiting.forEach(({ held }) => held.abandon());
  }

  private replay(subscriber: Subscriber<T>): void {
    this.isReplaying = true;
    // A loop, because more may come during it.
    for (let next = this.waiting?.shift(); next !== undefined; next = this.waiting?.shift()) {
      const { value, held } = next;
      inScopeOf(held.delivery(), () => subscriber.next(value));
      if (this.isRefusedBy(subscriber)) held.abandon();
      else held.release();
      if (subscriber.closed) break;
    }
    // Its only subscriber has left, so they are dropped, as what comes from now on.
    const rest = this.stopWaiting();
    const isRefused = this.isRefusedBy(subscriber);
    rest.forEach(({ held }) => (isRefused ? held.abandon() : held.release()));
  }

  /**
   * A subscriber may leave its group while all goes on, as with any Subject. Whether all has ended with it cannot be told
   * after the completion, so then its event comes again.
   */
  private isRefusedBy({ closed }: Subscriber<T>): boolean {
    const { state } = this.room;
    return state === 'closed' || (closed && state === 'completed');
  }

  private stopWaiting(): { readonly held: Hold }[] {
    const { waiting = [] } = this;
    this.waiting = undefined;
    this.room.leave(this);
    return waiting;
  }
}
