import type { EventLog } from '@rxforce/core';
import { eventLogContract, type EventLogSettings } from '@rxforce/core/testing';
import { kafkaLog } from '@rxforce/kafka';
import { KafkaMock } from '../support/kafka-mock.js';

/** Kafka waits for 3 s whether another consumer joins a new group. So many cases wait at the same time. */
const AT_A_TIME = 8;

/** The contract, with logs of its own, so that its cases can run at the same time as those of others. */
function contractWith(mock: () => Promise<KafkaMock>, prefix: string) {
  let logs: EventLog[] = [];
  let server: Promise<KafkaMock>;
  const logOf = async ({ partitions, keepaliveMs }: EventLogSettings) => {
    const kafka = (await server).client();
    const log = kafkaLog(kafka, { name: prefix, partitions, keepaliveMs, timeoutMs: 2_000 });
    logs.push(log);
    return log;
  };
  return eventLogContract({
    ...{ fences: false, dropsByCount: false },
    open: (settings) => {
      server = mock();
      return logOf(settings);
    },
    reopen: (_log, settings) => logOf(settings),
    fail: async () => (await server).kill(),
    dispose: async () => {
      await Promise.all(logs.map((log) => log.close()));
      logs = [];
    },
  });
}

describe('kafkaLog keeps the contract', function () {
  this.timeout(240_000);
  const mocks: Promise<KafkaMock>[] = [];
  const started = () => {
    const mock = KafkaMock.start();
    mocks.push(mock);
    return mock;
  };
  let shared: Promise<KafkaMock> | undefined;
  const names = contractWith(started, 'names').map(({ name }) => name);
  const results: Promise<unknown>[] = [];

  before(() => {
    shared = started();
    const queue = names.map((name, index) => {
      // A case of failures kills its server.
      const mock = name.includes('engine is away') ? started : () => shared ?? started();
      return contractWith(mock, `log-${index}`)[index];
    });
    const turns = Array.from({ length: AT_A_TIME }, () => Promise.resolve());
    queue.forEach((each, index) => {
      const result = (turns[index % AT_A_TIME] ?? Promise.resolve()).then(() => each?.run());
      const outcome = result.then(
        () => undefined,
        (error: unknown) => error ?? new Error('failed'),
      );
      turns[index % AT_A_TIME] = outcome.then(() => undefined);
      results.push(outcome);
    });
  });

  after(async () => {
    for (const mock of mocks) await (await mock).kill();
  });

  names.forEach((name, index) =>
    it(name, async () => {
      const error = await results[index];
      if (error !== undefined) throw error as Error;
    }),
  );
});
