import { Observable } from 'rxjs';

/** Limits how many Observables run at a time; the others start in the order in which they were subscribed to. */
export class Slots {
  private readonly waiting = new Set<() => void>();
  private isServing = false;

  constructor(private free: number) {}

  /** The same work; it starts when there is a slot for it, and returns the slot when it ends. */
  limit<R>(work: Observable<R>): Observable<R> {
    return new Observable((subscriber) => {
      const start = () => {
        this.free--;
        subscriber.add(() => {
          this.free++;
          this.serve();
        });
        work.subscribe(subscriber);
      };
      this.waiting.add(start);
      subscriber.add(() => this.waiting.delete(start));
      this.serve();
    });
  }

  /** A loop, because work that completes at once would make a recursion as deep as there is work. */
  private serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    for (const start of this.waiting) {
      if (this.free === 0) break;
      this.waiting.delete(start);
      start();
    }
    this.isServing = false;
  }
}
