import { defer, Observable, Subscription, tap, type Subscriber } from 'rxjs';
import { checkAnswer, promiseOf } from '../queue-answers.js';
import { askQueue } from './ask-queue.js';
import type { DeadLetter, DeadLetterQueue, TakeOptions } from '../dead-letter-queue.js';
import type { ResolvedRetryPolicy } from './retry-policy.js';

/**
 * Takes letters from a queue, portion by portion, as there is room for them. At the end it releases the letters that
 * are not done.
 */
export class LetterPortions {
  /** The letters. Completes when the queue has no more letters. Subscribe to it only once. */
  readonly letters$ = new Observable<DeadLetter>((subscriber) => {
    this.subscriber = subscriber;
    this.takeIfRoom();
  });
  private readonly notDone = new Set<string>();
  private subscriber: Subscriber<DeadLetter> | undefined;
  private isAsking = false;
  private readonly calls = new Subscription();

  /**
   * @param room - More letters are taken when fewer than this are not done.
   */
  constructor(
    private readonly queue: DeadLetterQueue,
    private readonly options: TakeOptions,
    private readonly room: number,
    private readonly policy: ResolvedRetryPolicy,
  ) {}

  /** Takes a portion, if there is room and none is on its way. */
  takeIfRoom(): void {
    const { subscriber } = this;
    if (subscriber === undefined || subscriber.closed || this.isAsking || this.notDone.size >= this.room) return;
    this.isAsking = true;
    this.calls.add(
      askQueue('take', () => this.take(), this.policy)
        .pipe(tap((letters) => this.hand(letters, subscriber)))
        .subscribe({ error: (error: unknown) => subscriber.error(error) }),
    );
  }

  /** Notes that a letter is done: it was removed, or put back. */
  done(id: string): void {
    this.notDone.delete(id);
  }

  /** Takes no more letters, and releases those that are not done. */
  close(): void {
    this.calls.unsubscribe();
    this.release([...this.notDone]);
  }

  private hand(letters: readonly DeadLetter[], subscriber: Subscriber<DeadLetter>): void {
    this.isAsking = false;
    if (letters.length === 0) {
      subscriber.complete();
      return;
    }
    letters.forEach(({ id }) => this.notDone.add(id));
    letters.forEach((letter) => subscriber.next(letter));
    this.takeIfRoom();
  }

  /** A call cannot be cancelled: letters that come after nobody waits for them are released. */
  private take(): Observable<readonly DeadLetter[]> {
    return new Observable((subscriber) => {
      const releaseIfLate = (taken: readonly DeadLetter[]) => {
        if (subscriber.closed) this.release(checkAnswer('take', taken).map(({ id }) => id));
      };
      const taken = defer(() => promiseOf('take', this.queue.take(this.options))).pipe(tap(releaseIfLate));
      taken.subscribe({
        next: (letters) => subscriber.next(letters),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
  }

  private release(ids: readonly string[]): void {
    if (ids.length === 0) return;
    // There is nobody to report a failure to. If the queue fails, the letters can be taken again when this process is
    // gone.
    askQueue('release', () => this.queue.release(ids), this.policy).subscribe({ error: () => undefined });
  }
}
