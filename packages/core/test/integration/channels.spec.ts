import { expect } from 'chai';
import { filter, firstValueFrom, take, takeWhile, tap, toArray, type Observable } from 'rxjs';
import { memoryReplayStore, type PubSubClient, type ReplayOptions } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { seeded, suiteSeed } from '../fault/support/seeded.js';
import { withEmulator } from '../support/emulated.js';

const CHANNEL = '/data/Sales__chn';

interface Account {
  Name: string | null;
  Phone: string | null;
  Industry: string | null;
}

describe('A client on a channel with enriched fields', function () {
  this.timeout(180_000);
  const seed = suiteSeed(20_261_206);

  it('has the added fields of each record, and does not take them for changed ones', () =>
    withEmulator(async ({ org }, client) => {
      createChannel(org);
      const ids = org.create('Account', [
        { Name: 'a', Industry: 'Energy' },
        { Name: 'b', Industry: 'Retail' },
      ]);
      org.update('Account', ids, { Phone: '1' });
      org.delete('Account', ids);
      const events = await collect(client.changes<Account>(CHANNEL, { replay: 'earliest' }), 6);
      const changes = events.slice(2);
      expect(changes.map(({ header, data }) => [header.changeType, header.recordIds, data.Industry])).to.deep.equal([
        ['UPDATE', [ids[0]], 'Energy'],
        ['UPDATE', [ids[1]], 'Retail'],
        ['DELETE', [ids[0]], 'Energy'],
        ['DELETE', [ids[1]], 'Retail'],
      ]);
      expect(changes.map(({ header }) => header.changedFields)).to.deep.equal([
        ['Phone', 'LastModifiedDate'],
        ['Phone', 'LastModifiedDate'],
        [],
        [],
      ]);
      expect(changes[0]!.replayId.equals(changes[1]!.replayId)).to.equal(true);
    }));

  for (const [where, before] of [
    ['at the start of the log', 0],
    ['behind other events', 3],
  ] as const) {
    it(`loses none of those that share a replay id, when the stream breaks between any two of them ${where}`, () =>
      withEmulator(async ({ org, log, faults }, client) => {
        const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }, { Name: 'd' }]);
        createChannel(org);
        for (let index = 0; index < before; index++) org.create('Account', { Name: `${index}` });
        org.update('Account', ids, { Phone: '1' });
        org.delete('Account', ids);
        faults.responses({ maxEvents: 1 });
        const received = client
          .changes(CHANNEL, { replay: 'earliest', window: 1 })
          .pipe(tap(() => faults.dropStreams()));
        const events = await collect(received, before + 8);
        expect(events.map(({ id }) => id)).to.deep.equal(log(CHANNEL).map(({ id }) => id));
      }));
  }

  it('gives every event once and in order, when streams break at random', () =>
    withEmulator(async (emulator, client) => {
      const random = seeded(seed);
      const changes = createChannel(emulator.org);
      const ids: string[] = [];
      let next = 0;
      const happenings = [
        () => emulator.faults.dropStreams(),
        () => emulator.faults.endStreams(),
        () => emulator.faults.redeliver({ events: 1 + random.below(20) }),
        () => emulator.faults.responses({ maxEvents: 1 + random.below(8) }),
        () => emulator.faults.switchSchema('Account'),
      ];
      const more = () => {
        for (let index = 0; index < 20; index++) changes(random.below(6), `${random.below(50)}`);
      };
      more();
      const received = client.changes(CHANNEL, { replay: 'earliest', window: 30 }).pipe(
        tap(({ id }) => {
          ids.push(id);
          if (ids.length < next) return;
          next += random.below(60);
          random.pick(happenings)();
          if (ids.length < 200) more();
        }),
      );
      await firstValueFrom(
        received.pipe(filter(() => ids.length >= 200 && ids.length >= emulator.log(CHANNEL).length)),
      );
      expect(ids).to.deep.equal(emulator.log(CHANNEL).map(({ id }) => id));
    }));

  it('loses none, when one subscription after the other ends between those that share a replay id', () =>
    withEmulator(async ({ org, log }, client) => {
      createChannel(org)(5, '1');
      org.create('Account', { Name: 'last' });
      const all = log(CHANNEL).map(({ id }) => id);
      const store = memoryReplayStore();
      const received = await collectInSteps(client, { store, name: 'steps', from: 'earliest' }, all.at(-1)!);
      expect([...new Set(received)]).to.deep.equal(all);
    }));
});

/** Makes the channel. Gives a function that changes so many records in one way, which is one event for each there. */
function createChannel(org: Emulator['org']) {
  org.createChannel('Sales__chn', { members: [{ entity: 'Account', enrichedFields: ['Industry', 'Name'] }] });
  return (records: number, phone: string) => {
    const inputs = Array.from({ length: records }, (_, index) => ({ Name: `${phone} ${index}` }));
    const ids = org.create('Account', inputs);
    org.update('Account', ids, { Phone: phone });
    org.delete('Account', ids);
  };
}

const collect = <T>(source: Observable<T>, count: number) => firstValueFrom(source.pipe(take(count), toArray()));

/** Subscribes again and again, and takes one event more each time, until the last one came. */
async function collectInSteps(client: PubSubClient, replay: ReplayOptions, last: string): Promise<string[]> {
  const received: string[] = [];
  for (let count = 1; !received.includes(last); count++) {
    const rest = client
      .changes(CHANNEL, { replay, settle: 'on-return' })
      .pipe(takeWhile(({ id }) => id !== last, true));
    received.push(...(await collect(rest, count)).map(({ id }) => id));
  }
  return received;
}
