import type { SteppedThingStream } from './stepped-time.js';
import type { DrainReport } from '../../src/subscribe/drain-report.js';

/** The topic of the stream. */
export const TOPIC = '/data/ThingChangeEvent';

/** Drains, and tells the report once it is there. */
export function drain({ subscriptions }: SteppedThingStream, timeoutMs = 5_000): { report: DrainReport | undefined } {
  const drained: { report: DrainReport | undefined } = { report: undefined };
  void subscriptions.drain(timeoutMs).then((report) => (drained.report = report));
  return drained;
}
