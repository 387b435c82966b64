import { asyncScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';

/**
 * A clock that runs so many times as fast as the real one: for suites in which a client has real connections, and waits
 * between them most of the time.
 */
export class FastClock implements SchedulerLike {
  private readonly start = asyncScheduler.now();

  constructor(private readonly times: number) {}

  now(): number {
    return this.start + (asyncScheduler.now() - this.start) * this.times;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
    return asyncScheduler.schedule(work, delayMs / this.times, state);
  }
}
