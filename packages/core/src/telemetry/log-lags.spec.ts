import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { LogLags, type LagSource } from './log-lags.js';

const TOPIC = '/data/AccountChangeEvent';

/** A clock that a test sets. */
const stopped = (frame = 0) => Object.assign(new VirtualTimeScheduler(), { frame });
const source = (...lags: Awaited<ReturnType<LagSource['lag']>>): LagSource => ({ lag: () => Promise.resolve(lags) });

describe('LogLags', () => {
  it('says how many events of each partition wait, and for how long', async () => {
    const scheduler = stopped(60_000);
    const logs = new LogLags(scheduler);
    logs.add(
      source(
        { topic: TOPIC, partition: 0, name: 'crm', events: 0, oldestAt: undefined },
        { topic: TOPIC, partition: 1, name: 'crm', events: 3, oldestAt: 15_000 },
        // By the clock of the engine, which is ahead.
        { topic: TOPIC, partition: 2, name: 'crm', events: 1, oldestAt: 61_000 },
        // An engine that does not say when.
        { topic: TOPIC, partition: 3, name: 'crm', events: 2, oldestAt: undefined },
      ),
      'emea',
    );
    const lags = await logs.lags();
    expect(lags.map(({ events, ageSeconds }) => [events, ageSeconds])).to.deep.equal([
      [0, 0],
      [3, 45],
      [1, 0],
      [2, undefined],
    ]);
    expect(lags[1]!.attributes).to.deep.equal({
      'messaging.system': 'salesforce_pubsub',
      'rxforce.org': 'emea',
      'messaging.destination.name': TOPIC,
      'messaging.consumer.group.name': 'crm',
      'messaging.destination.partition.id': '1',
    });
  });

  it('leaves out what is no client of a log, one that fails, and one that was removed', async () => {
    const scheduler = stopped();
    const logs = new LogLags(scheduler);
    logs.add({}, undefined);
    logs.add({ lag: () => Promise.reject(new Error('down')) }, undefined);
    const remove = logs.add(
      source({ topic: TOPIC, partition: 0, name: 'x', events: 1, oldestAt: undefined }),
      undefined,
    );
    expect(await logs.lags()).to.have.length(1);
    remove();
    // An answer is good for 15 seconds.
    expect(await logs.lags()).to.have.length(1);
    scheduler.frame = 15_000;
    expect(await logs.lags()).to.deep.equal([]);
  });
});
