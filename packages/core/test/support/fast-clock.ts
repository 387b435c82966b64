import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';

/**
 * A clock that runs so many times as fast as the real one: for suites in which a client has real connections, and waits
 * between them most of the time. What is to run without a delay runs in Node's next turn, as without such a clock.
 */
export class FastClock implements SchedulerLike {
  private readonly start = Date.now();

  constructor(private readonly times: number) {}

  now(): number {
    return this.start + (Date.now() - this.start) * this.times;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
    const action = new Subscription() as SchedulerAction<T>;
    let pending = 0;
    action.schedule = (next?: T, ms = 0) => {
      pending++;
      const cancel = this.after(ms, () => {
        pending--;
        work.call(action, next);
        if (pending === 0) action.unsubscribe();
      });
      action.add(cancel);
      return action;
    };
    return action.schedule(state, delayMs);
  }

  private after(ms: number, run: () => void): () => void {
    if (ms === 0) {
      const turn = setImmediate(run);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(run, ms / this.times);
    return () => clearTimeout(timer);
  }
}
