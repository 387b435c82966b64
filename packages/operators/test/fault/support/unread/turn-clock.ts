import { AsyncResource } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { SchedulerAction, SchedulerLike, Subscription } from 'rxjs';
import { SteppedTime } from '../../../../../core/test/support/stepped-time.js';

/**
 * A clock of which so much passes in each turn of the event loop: the library's 10 seconds need not be waited for, and
 * nothing is late because the machine is slow. For a process that stands still no time passes.
 */
export class TurnClock implements SchedulerLike {
  private readonly time = new SteppedTime();
  private readonly start = Date.now();

  constructor(private readonly turnMs: number) {}

  /** How much has passed, in milliseconds. */
  get passedMs(): number {
    return this.time.frame;
  }

  now(): number {
    return this.start + this.time.frame;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs?: number, state?: T): Subscription {
    // As by a timer of Node: it belongs to who started it, and what it throws reaches nobody.
    const context = new AsyncResource('TurnClock');
    const inContext = function (this: SchedulerAction<T>, given?: T) {
      context.runInAsyncScope(() => {
        try {
          work.call(this, given);
        } catch (error) {
          setImmediate(() => {
            throw error;
          });
        }
      });
    };
    return this.time.schedule(inContext, delayMs, state);
  }

  /** Lets a turn pass, and a real millisecond with it, in which timers of others are fired and messages arrive. */
  async turn(): Promise<void> {
    await this.time.pass(this.turnMs);
    await pause(1);
  }
}
