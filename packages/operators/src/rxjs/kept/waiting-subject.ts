import { Observable, Subject, type Observer, type Subscriber, type SubjectLike, type Subscription } from 'rxjs';
import { hold, inScopeOf, type Hold } from '@rxforce/core/delivery';

/** The groups or windows of a subscription that nobody has subscribed to yet. */
export class WaitingRoom<T> {
  /** `completed`: no more groups come, but waiting groups may still get a subscriber. `closed`: they will not. */
  state: 'open' | 'completed' | 'closed' = 'open';
  private readonly waiting = new Set<WaitingSubject<T>>();

  make(): WaitingSubject<T> {
    const subject = new WaitingSubject<T>(this);
    if (this.state === 'closed') subject.close();
    else this.waiting.add(subject);
    return subject;
  }

  /** Called by a WaitingSubject that keeps nothing any more, and never will. */
  leave(subject: WaitingSubject<T>): void {
    this.waiting.delete(subject);
  }

  /**
   * The operator has ended. Unless its source has completed, this drops the values that wait, without settling them.
   */
  end(): void {
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.waiting.forEach((subject) => subject.close());
  }
}

/**
 * A group or a window. Until somebody subscribes to it, it keeps its values and holds their events; its first
 * subscriber gets these values first. From then on it is a Subject.
 */
export class WaitingSubject<T> implements SubjectLike<T> {
  private readonly live = new Subject<T>();
  /** The values that wait, until there is a subscriber. */
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

  /** A subscriber that comes during `subscribe` only watches for the end, so the kept values continue to wait. */
  watchedBy(subscribe: () => void): void {
    this.isWatched = true;
    try {
      subscribe();
    } finally {
      this.isWatched = false;
    }
  }

  /** Closes it: nobody will subscribe to it. */
  close(): void {
    const waiting = this.stopWaiting();
    waiting.forEach(({ held }) => held.abandon());
  }

  private replay(subscriber: Subscriber<T>): void {
    this.isReplaying = true;
    // A loop, because more values may come during it.
    for (let next = this.waiting?.shift(); next !== undefined; next = this.waiting?.shift()) {
      const { value, held } = next;
      inScopeOf(held.delivery(), () => subscriber.next(value));
      if (this.isRefusedBy(subscriber)) held.abandon();
      else held.release();
      if (subscriber.closed) break;
    }
    // Its only subscriber has left, so these values are dropped, like all later ones.
    const rest = this.stopWaiting();
    const isRefused = this.isRefusedBy(subscriber);
    rest.forEach(({ held }) => (isRefused ? held.abandon() : held.release()));
  }

  /**
   * A subscriber may leave its group while everything else continues, as with any Subject. After the completion, nobody
   * can know whether everything ended with the subscriber, so then its event comes again.
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
