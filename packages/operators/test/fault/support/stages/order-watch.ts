import { Subscription } from 'rxjs';

/** Looks whether work starts in order where it must, and no more at a time than allowed. */
export class OrderWatch {
  private readonly last = new Map<string, number>();
  private readonly running = new Map<string, number>();
  private active = 0;

  constructor(
    private readonly concurrency: number,
    private readonly broken: (rule: string) => void,
  ) {}

  /** Returns what to unsubscribe when the work has ended. */
  started(index: number, kind: string): Subscription {
    const key = this.concurrency === 1 ? '' : kind;
    if (index < (this.last.get(key) ?? -1)) this.broken(`${index} was started after ${this.last.get(key)!}`);
    this.last.set(key, index);
    if (++this.active > this.concurrency) this.broken(`${this.active} at a time`);
    const running = (this.running.get(kind) ?? 0) + 1;
    this.running.set(kind, running);
    if (running > 1) this.broken(`two of record ${kind} at a time`);
    return new Subscription(() => {
      this.active--;
      this.running.set(kind, this.running.get(kind)! - 1);
    });
  }
}
