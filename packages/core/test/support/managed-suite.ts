import { expect } from 'chai';
import { managedStream, type ManagedStream } from './managed-stream.js';

/** A topic that is known not to be a channel. */
export const TOPIC = '/data/ThingChangeEvent';

/** Managed subscriptions that are closed after each test of a suite. */
export interface ManagedSuite {
  /** Those of the test. A test may add its own. */
  readonly made: ManagedStream[];
  /** Makes one of {@link TOPIC}. */
  readonly managed: typeof managedStream;
}

/**
 * Gives the tests of a suite managed subscriptions to {@link TOPIC}, which are closed after each test. None may have
 * warned that it ended before its first event.
 */
export function managedSuite(): ManagedSuite {
  const made: ManagedStream[] = [];
  afterEach(async () => {
    for (const { subscriptions, pass, warnings } of made) {
      subscriptions.close();
      await pass(20_000);
      expect(warnings.filter((warning) => warning.includes('ended before its first event'))).to.deep.equal([]);
    }
    made.length = 0;
  });
  return {
    made,
    managed: (options, parts) => {
      const stream = managedStream({ topic: TOPIC, ...options }, parts);
      made.push(stream);
      return stream;
    },
  };
}
