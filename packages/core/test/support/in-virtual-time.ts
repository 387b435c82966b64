import { map, type Subscription } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { runMarbles } from '../../src/testing/run-marbles.js';
import type { SubscribeOptions } from '../../src/subscribe/options.js';
import { thingStream, type ThingStream } from './thing-stream.js';

/** A {@link ThingStream} in virtual time. */
export interface VirtualThingStream extends ThingStream {
  readonly scheduler: TestScheduler;
  /** Does something at a frame. */
  at(frame: number, action: () => void): void;
  /** Subscribes plainly: the names received, and the error. */
  subscribe(): { names: string[]; errors: unknown[]; subscription: Subscription };
}

/**
 * Runs a test in virtual time.
 *
 * @param untilMs - Where time ends: a stream that is left open would look at its watch for ever.
 */
export function inVirtualTime(
  options: SubscribeOptions,
  test: (stream: VirtualThingStream) => void,
  untilMs = 100_000,
): void {
  runMarbles(({ scheduler, flush }) => {
    scheduler.maxFrames = untilMs;
    const stream = thingStream(scheduler, options);
    test({
      ...stream,
      scheduler,
      at: (frame, action) => void scheduler.schedule(action, frame),
      subscribe: () => {
        const names: string[] = [];
        const errors: unknown[] = [];
        const subscription = stream.events$.pipe(map((event) => event.id)).subscribe({
          next: (name) => names.push(name),
          error: (error: unknown) => errors.push(error),
        });
        return { names, errors, subscription };
      },
    });
    flush();
  });
}
