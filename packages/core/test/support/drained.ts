import type { DrainReport } from '../../src/subscribe/drain-report.js';
import type { SubscribeOptions } from '../../src/subscribe/options.js';
import { steppedThingStream, type SteppedThingStream, type SteppedTime } from './stepped-time.js';
import { checkedStore } from './store-suite.js';

/** The topic of the stream. */
export const TOPIC = '/data/ThingChangeEvent';

/** Drains, and tells the report once it is there. */
export function drain({ subscriptions }: SteppedThingStream, timeoutMs = 5_000): { report: DrainReport | undefined } {
  const drained: { report: DrainReport | undefined } = { report: undefined };
  void subscriptions.drain(timeoutMs).then((report) => (drained.report = report));
  return drained;
}

/** Gives each test of a suite a store, and streams that commit to it once a minute. */
export function drainSuite() {
  const suite = checkedStore();
  const withStore = (options: Omit<SubscribeOptions, 'replay'> = {}, time?: SteppedTime) =>
    steppedThingStream(
      { ...options, replay: { store: suite.store, from: 'earliest', commitIntervalMs: 60_000 } },
      time,
    );
  return Object.assign(suite, { withStore });
}
