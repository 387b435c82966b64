import type { Observable, Subscription } from 'rxjs';
import type { ChangeEvent } from '../../src/model/events.js';
import type { SubscribeOptions } from '../../src/subscribe/options.js';
import { FakeStore, nameOf } from './fake-store.js';
import { steppedThingStream, type SteppedThingStream } from './stepped-time.js';

/** A stream with a pipeline behind it. */
export interface WatchedPipeline extends SteppedThingStream {
  /** What the pipeline errored with. */
  readonly errors: unknown[];
  readonly subscription: Subscription;
  /** Has events come, and lets a time pass: 50 ms by default. */
  readonly get: (names: readonly string[], ms?: number) => Promise<void>;
}

/** A store for each test of a suite, and pipelines whose position is in it. */
export interface PipelineSuite {
  /** The store of the test. */
  store: FakeStore;
  /** Subscribes to a stream with a store that commits at once, and a window of 5. */
  readonly pipeline: (
    build: (events$: Observable<ChangeEvent>, stream: SteppedThingStream) => Observable<unknown>,
    options?: SubscribeOptions & { readonly next?: (value: unknown) => unknown },
  ) => WatchedPipeline;
  /** The position that is durable, as text. */
  readonly position: () => string | undefined;
}

/** Gives each test of a suite a store. */
export function pipelineSuite(): PipelineSuite {
  const suite: PipelineSuite = {
    store: new FakeStore(),
    pipeline: (build, { next, ...options } = {}) => {
      const stream = steppedThingStream({
        window: 5,
        replay: { store: suite.store, commitIntervalMs: 0, from: 'earliest' },
        ...options,
      });
      const errors: unknown[] = [];
      const error = (thrown: unknown) => errors.push(thrown);
      const subscription = build(stream.events$, stream).subscribe({ error, ...(next && { next }) });
      const get = async (names: readonly string[], ms = 50) => {
        await stream.pass(1);
        for (const name of names) {
          if (stream.service.stream.pending === 0) await stream.pass(1);
          stream.service.stream.send(name);
        }
        await stream.pass(ms);
      };
      return { ...stream, errors, subscription, get };
    },
    position: () => nameOf(suite.store.position),
  };
  beforeEach(() => {
    suite.store = new FakeStore();
  });
  return suite;
}
