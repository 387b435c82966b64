import { expect } from 'chai';
import type { ReplayOptions } from '../../src/position/replay-options.js';
import type { SubscribeOptions } from '../../src/subscribe/options.js';
import { FakeStore, nameOf } from './fake-store.js';
import { steppedThingStream, type SteppedThingStream, type SteppedTime } from './stepped-time.js';

/** A store for each test of a suite. */
export interface CheckedStore {
  /** The store of the test. */
  store: FakeStore;
}

/** Gives each test of a suite a store, and checks after it that the store was used by its rules. */
export function checkedStore(): CheckedStore {
  const suite = { store: new FakeStore() };
  beforeEach(() => {
    suite.store = new FakeStore();
  });
  afterEach(() => {
    expect(suite.store.violations).to.deep.equal([]);
  });
  return suite;
}

/** A store for each test of a suite, and streams that keep their position in it. */
export interface StoreSuite {
  /** The store of the test. */
  store: FakeStore;
  /** The streams of the test, which are closed after it. */
  readonly streams: SteppedThingStream[];
  /** Makes a stream that commits every 100 ms. */
  readonly withStore: (
    options?: Omit<SubscribeOptions, 'replay'> & { replay?: ReplayOptions },
    time?: SteppedTime,
  ) => SteppedThingStream;
}

/** Gives each test of a suite a store, and checks after it that the store was used by its rules and is released. */
export function storeSuite(): StoreSuite {
  const suite: StoreSuite = {
    store: new FakeStore(),
    streams: [],
    withStore: ({ replay, ...options } = {}, time) => {
      const { store, streams } = suite;
      const stream = steppedThingStream({ ...options, replay: { store, commitIntervalMs: 100, ...replay } }, time);
      streams.push(stream);
      return stream;
    },
  };
  beforeEach(() => {
    suite.store = new FakeStore();
    suite.streams.length = 0;
  });
  afterEach(async () => {
    const { store, streams } = suite;
    streams.forEach(({ subscriptions }) => subscriptions.close());
    for (const { pass } of streams) await pass(20_000);
    expect(store.violations).to.deep.equal([]);
    expect(store.locked, 'locked in the end').to.equal(false);
  });
  return suite;
}

/** Where the stream started. */
export const startOf = ({ service }: SteppedThingStream) => nameOf(service.stream.start.from);
