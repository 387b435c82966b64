import { VirtualTimeScheduler, type Observable, type Subscription } from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import type { SubscribeOptions } from '../../src/subscribe/options.js';
import { thingStream, type ThingStream } from './thing-stream.js';

/**
 * Virtual time for code that awaits promises: all that a promise sets off comes before the next timer, as it does in
 * Node, and each timer has a turn of its own.
 */
export class SteppedTime extends VirtualTimeScheduler {
  /** Lets this many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    const end = this.frame + ms;
    await promises();
    while (this.step(end)) await promises();
    this.frame = end;
  }

  private step(end: number): boolean {
    const action = this.actions[0];
    if (action === undefined || action.delay > end) return false;
    this.actions.shift();
    this.frame = action.delay;
    const error: unknown = action.execute(action.state, action.delay);
    if (error) throw error as Error;
    return true;
  }
}

/** Lets promises run, until there is nothing left for them to do. */
export function promises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a subscription was given. */
export interface Seen {
  readonly names: string[];
  readonly errors: unknown[];
  completed: boolean;
  readonly subscription: Subscription;
}

/** A subscription that holds every event until the test releases it, however it ends. */
export interface Holding extends Seen {
  /** Settles events, by name. */
  release(...names: string[]): void;
}

/** A {@link ThingStream} in stepped time. */
export interface SteppedThingStream extends ThingStream {
  readonly time: SteppedTime;
  /** Lets this many milliseconds pass. */
  pass(ms: number): Promise<void>;
  subscribe(): Seen;
  subscribeHolding(): Holding;
}

/**
 * Makes a stream that is stepped through by hand.
 *
 * @param time - For several streams with one clock.
 */
export function steppedThingStream(
  options: SubscribeOptions,
  time = new SteppedTime(),
  topic?: string,
): SteppedThingStream {
  const stream = thingStream(time, options, topic);
  return {
    ...stream,
    time,
    pass: (ms) => time.pass(ms),
    subscribe: () => see(stream.events$),
    subscribeHolding: () => seeHolding(stream.events$),
  };
}

/** Subscribes, notes what comes, and holds it. */
export function seeHolding<E extends { readonly id: string }>(events$: Observable<E>): Holding {
  const holds = new Map<string, Hold>();
  const seen = see(events$, (event) => holds.set(event.id, hold(event)));
  return Object.assign(seen, {
    release: (...names: string[]) => {
      for (const name of names) {
        const held = holds.get(name);
        if (!held) throw new Error(`${name} was not received`);
        held.release();
      }
    },
  });
}

/** Subscribes, and notes what comes. */
export function see<E extends { readonly id: string }>(
  events$: Observable<E>,
  onEvent: (event: E) => void = () => undefined,
): Seen {
  const names: string[] = [];
  const errors: unknown[] = [];
  const seen = { names, errors, completed: false };
  const subscription = events$.subscribe({
    next: (event) => {
      names.push(event.id);
      onEvent(event);
    },
    error: (error: unknown) => errors.push(error),
    complete: () => (seen.completed = true),
  });
  return Object.assign(seen, { subscription });
}
