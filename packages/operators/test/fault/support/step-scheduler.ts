import { VirtualTimeScheduler, type SchedulerAction, type SchedulerLike, type Subscription } from 'rxjs';

/** Virtual time in single steps, so that promises can run between them: they do not within RxJS's own `flush`. */
export class StepScheduler extends VirtualTimeScheduler {
  /** How many steps are due, now or later. */
  get waiting(): number {
    return this.actions.length;
  }

  /** Does what is due next, and tells whether there was anything. */
  step(): boolean {
    const action = this.actions.shift();
    if (action === undefined) return false;
    this.frame = action.delay;
    const error = action.execute(action.state, action.delay) as Error | undefined;
    if (error) throw error;
    return true;
  }
}

/** The clock of one process: it stops when the process dies, while time goes on for others. */
export class ProcessScheduler implements SchedulerLike {
  dead = false;

  constructor(private readonly clock: StepScheduler) {}

  now(): number {
    return this.clock.now();
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
    const isDead = () => this.dead;
    return this.clock.schedule<T>(
      function (given) {
        if (!isDead()) work.call(this, given);
      },
      delayMs,
      state,
    );
  }
}
