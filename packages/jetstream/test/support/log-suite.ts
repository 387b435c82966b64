import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { EventLog } from '@rxforce/core';
import { jetStreamLog, type JetStreamLog, type JetStreamLogOptions } from '@rxforce/jetstream';
import { expect } from 'chai';
import { entriesOf, startReading, TOPIC } from './entries.js';
import { until } from './nats-server.js';
import { natsSuite, type NatsSuite } from './nats-suite.js';

/** A server for a suite, and a log of another name for each of its tests. */
export interface LogSuite {
  readonly suite: NatsSuite;
  /** The name of the log of the test. */
  readonly nameOf: () => string;
  readonly logOf: (options?: Partial<JetStreamLogOptions>, nats?: NatsConnection) => Promise<JetStreamLog>;
  readonly manager: () => Promise<JetStreamManager>;
  /** The stream of the log's topic. */
  readonly stream: () => string;
  /** The subject of a partition, which is the first by default. */
  readonly subject: (partition?: number) => string;
  /** Appends these entries; calls again until the call resolves, as `relayTo` does. */
  readonly appendUntilDone: (log: EventLog, first: number, last: number, fence?: number) => Promise<void>;
  /** The ids of so many entries, and of those that come until nothing more does. */
  readonly readIds: (log: EventLog, count: number) => Promise<readonly string[]>;
}

/** Gives the tests of a suite logs on one server. */
export function logSuite(): LogSuite {
  const suite = natsSuite();
  let names = 0;
  beforeEach(() => names++);
  return {
    suite,
    nameOf: () => `log-${names}`,
    logOf: async (options, nats) =>
      jetStreamLog(nats ?? (await suite.connect()), {
        ...{ name: `log-${names}`, partitions: 2, timeoutMs: 2_000, keepaliveMs: 50, ...options },
      }),
    manager: async () => jetstreamManager(await suite.connect()),
    stream: () => `rxforce+log-${names}+=2Fdata=2FAccountChangeEvent`,
    subject: (partition = 0) => `rxforce.log-${names}.=2Fdata=2FAccountChangeEvent.${partition}`,
    appendUntilDone: (log, first, last, fence) =>
      until(() =>
        log.append(TOPIC, entriesOf(first, last), fence).then(
          () => true,
          () => false,
        ),
      ),
    readIds: async (log, count) => {
      const reading = startReading(log);
      await until(() => reading.entries.length >= count || reading.errors.length > 0);
      const { count: seen } = reading.quiet;
      await until(() => reading.quiet.count > seen || reading.errors.length > 0);
      reading.subscription.unsubscribe();
      expect(reading.errors).to.deep.equal([]);
      return reading.ids();
    },
  };
}
