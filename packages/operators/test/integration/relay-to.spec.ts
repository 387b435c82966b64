import { expect } from 'chai';
import { EMPTY, filter, map, take, tap } from 'rxjs';
import {
  createLogClient,
  EventLogError,
  memoryReplayStore,
  partitionOf,
  type ChangeEvent,
  type EventLog,
  type LogEntry,
} from '@rxforce/core';
import { expandMerged, handle, relayTo, resolveGaps } from '@rxforce/operators';
import { memoryEventLog } from '@rxforce/core/testing';
import { clientOf, withEmulator } from '../../../core/test/support/emulated.js';
import { until } from '../../../core/test/fault/support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';
const EARLIEST = { replay: 'earliest', fields: [] } as const;

/** A log that notes what is appended to it. */
function noted(log: EventLog) {
  const calls: { topic: string; entries: readonly LogEntry[]; fence: number | undefined }[] = [];
  const schemas: string[] = [];
  const noting: EventLog = {
    ...log,
    append: (topic, entries, fence) => {
      calls.push({ topic, entries, fence });
      return log.append(topic, entries, fence);
    },
    putSchema: (id, json) => {
      schemas.push(id);
      return log.putSchema(id, json);
    },
  };
  return { log: noting, calls, schemas, entries: () => calls.flatMap(({ entries }) => entries) };
}

describe('relayTo', () => {
  it('appends the bytes of events as they came, by their record, and the schema before them', () =>
    withEmulator(async (emulator, client) => {
      const { log, calls, schemas, entries } = noted(memoryEventLog({ partitions: 8 }));
      const relayed: ChangeEvent[] = [];
      client
        .changes('Account', EARLIEST)
        .pipe(relayTo(log))
        .subscribe((event) => void relayed.push(event));
      for (let index = 0; index < 50; index++) emulator.org.create('Account', { Name: `a ${index}` });
      await until(() => relayed.length === 50);
      expect(relayed.map(({ id }) => id)).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
      expect(schemas).to.have.length(1);
      expect(calls.every(({ topic, fence }) => topic === TOPIC && fence === undefined)).to.equal(true);
      for (const [index, { header, replayId }] of relayed.entries()) {
        const entry = entries()[index]!;
        expect(entry.origin.equals(replayId)).to.equal(true);
        expect(entry.partition).to.equal(partitionOf(header.recordIds[0]!, 8));
        expect(entry).not.to.have.property('isSplit');
        expect(entry.recordId).to.equal(header.recordIds[0]);
      }
    }));

  it('gives workers the events that came, with their origin and version', () =>
    withEmulator(async (emulator, client) => {
      const log = memoryEventLog({ partitions: 4 });
      client.changes('Account', EARLIEST).pipe(relayTo(log)).subscribe();
      const id = emulator.org.create('Account', { Name: 'first' });
      for (let index = 0; index < 20; index++) emulator.org.update('Account', id, { Name: `name ${index}` });
      const worker = createLogClient({ log });
      const events: ChangeEvent<{ Name: string }>[] = [];
      worker
        .changes<{ Name: string }>('Account')
        .pipe(take(21))
        .subscribe((event) => void events.push(event));
      await until(() => events.length === 21);
      expect(events.map(({ data }) => data.Name)).to.deep.equal([
        'first',
        ...Array.from({ length: 20 }, (_, index) => `name ${index}`),
      ]);
      expect(events.map(({ origin }) => origin?.toString())).to.deep.equal(
        emulator.log(TOPIC).map(({ replayId }) => replayId),
      );
      events.slice(1).forEach(({ version }, index) => expect(version! > events[index]!.version!).to.equal(true));
      expect(events[0]).to.include({ topic: TOPIC });
      expect(JSON.parse(JSON.stringify(events[0])) as object).to.have.property('version', '1');
      worker.close();
    }));

  it('names the record of a part of a merged event, where it is one', () =>
    withEmulator(async (emulator, client) => {
      const { log, entries } = noted(memoryEventLog({ partitions: 16 }));
      client.changes('Account', EARLIEST).pipe(relayTo(log)).subscribe();
      const ids = emulator.org.create(
        'Account',
        Array.from({ length: 20 }, () => ({ Name: 'same' })),
      );
      const of = (partition: number) => ids.filter((id) => partitionOf(id, 16) === partition);
      const parts = new Set(ids.map((id) => partitionOf(id, 16))).size;
      await until(() => entries().length === parts);
      const wanted = entries().map(({ partition }) => (of(partition).length === 1 ? of(partition)[0] : undefined));
      expect(entries().map(({ recordId }) => recordId)).to.deep.equal(wanted);
      expect(wanted.filter((id) => id === undefined)).to.have.length.within(1, parts - 1);
    }));

  it('gives each partition the records of a merged event that are its own, and each record once', () =>
    withEmulator(async (emulator, client) => {
      const { log, entries } = noted(memoryEventLog({ partitions: 4 }));
      client.changes('Account', EARLIEST).pipe(relayTo(log)).subscribe();
      const ids = emulator.org.create(
        'Account',
        Array.from({ length: 30 }, () => ({ Name: 'same' })),
      );
      await until(() => entries().length >= 4);
      expect(
        entries()
          .map(({ partition }) => partition)
          .sort(),
      ).to.deep.equal([0, 1, 2, 3]);
      expect(entries().every(({ isSplit }) => isSplit)).to.equal(true);
      const worker = createLogClient({ log });
      const found: string[][] = [];
      worker.changes('Account').subscribe(({ header }) => void found.push([...header.recordIds]));
      await until(() => found.length === 4);
      const single: string[] = [];
      worker
        .changes('Account')
        .pipe(expandMerged(), take(30))
        .subscribe((event) => void single.push(JSON.stringify(event)));
      await until(() => single.length === 30);
      expect(found.flat().sort()).to.deep.equal([...ids].sort());
      for (const each of found) expect(new Set(each.map((id) => partitionOf(id, 4))).size).to.equal(1);
      worker.close();
    }));

  it('gives an overflow to all partitions, and each worker reads its own records again', () =>
    withEmulator(
      async (emulator, client) => {
        const { log, entries } = noted(memoryEventLog({ partitions: 4 }));
        const types: string[] = [];
        client
          .changes('Account', EARLIEST)
          .pipe(relayTo(log))
          .subscribe(({ header }) => void types.push(header.changeType));
        emulator.org.transaction((tx) => {
          for (let index = 0; index < 30; index++) tx.create('Account', { Name: `a ${index}` });
        });
        await until(() => types.includes('GAP_OVERFLOW'));
        expect(types.indexOf('GAP_OVERFLOW')).to.equal(types.length - 1);
        const ofOverflow = entries().slice(-4);
        expect(ofOverflow.map(({ partition }) => partition)).to.deep.equal([0, 1, 2, 3]);
        expect(new Set(ofOverflow.map(({ id }) => id)).size).to.equal(1);
        expect(ofOverflow.every(({ isSplit }) => isSplit)).to.equal(true);
        const ids = emulator.org.records('Account').map(({ Id }) => Id);
        const worker = createLogClient({ log });
        const read: string[] = [];
        let reads = 0;
        const all = () => {
          reads++;
          return ids.map((recordId) => ({ recordId, record: { Name: 'as it is' } }));
        };
        worker
          .changes('Account')
          .pipe(resolveGaps(() => EMPTY, { onOverflow: all }))
          .subscribe(({ header }) => {
            if (header.changeType === 'SNAPSHOT') read.push(...header.recordIds);
          });
        await until(() => read.length >= ids.length && reads === 4);
        expect(read.sort()).to.deep.equal([...ids].sort());
        worker.close();
      },
      { maxChangesPerTransaction: 10 },
    ));

  it('takes the partition of platform events from partitionBy, and errors where there is none', () =>
    withEmulator(async (_emulator, client) => {
      const { log, entries } = noted(memoryEventLog({ partitions: 4 }));
      const errors: unknown[] = [];
      const events$ = client.events<{ Order_Number__c: string }>('/event/Order_Event__e', { replay: 'earliest' });
      for (let index = 0; index < 8; index++) {
        await client.publishNow('/event/Order_Event__e', { data: { Order_Number__c: `O-${index % 2}` } });
      }
      events$.pipe(relayTo(log)).subscribe({ error: (error: unknown) => errors.push(error) });
      await until(() => errors.length === 1);
      expect(errors[0]).to.have.property('code', 'configuration');
      expect(String(errors[0])).to.include('partitionBy');
      events$.pipe(relayTo(log, { partitionBy: ({ data }) => data.Order_Number__c })).subscribe();
      await until(() => entries().length === 8);
      const places = entries().map(({ partition }) => partition);
      expect(new Set(places.filter((_, index) => index % 2 === 0)).size).to.equal(1);
      const bad = client.events('/event/Order_Event__e', { replay: 'earliest' });
      bad.pipe(relayTo(log, { partitionBy: () => -1 })).subscribe({ error: (error: unknown) => errors.push(error) });
      await until(() => errors.length === 2);
      expect(String(errors[1])).to.include('whole number from 0');
    }));

  it('refuses what a map made of an event, and passes what a filter let through', () =>
    withEmulator(async (emulator, client) => {
      const { log, entries } = noted(memoryEventLog());
      const ids = [0, 1, 2, 3].map((index) => emulator.org.create('Account', { Name: `a ${index}` }));
      const errors: unknown[] = [];
      client
        .changes('Account', EARLIEST)
        .pipe(
          map(({ id, topic, replayId, schemaId, header }) => ({ id, topic, replayId, schemaId, header })),
          relayTo(log),
        )
        .subscribe({ error: (error: unknown) => errors.push(error) });
      await until(() => errors.length === 1);
      expect(errors[0]).to.have.property('code', 'configuration');
      expect(String(errors[0])).to.include('map()');
      client
        .changes('Account', EARLIEST)
        .pipe(
          filter(({ header }) => header.recordIds[0] !== ids[0]),
          relayTo(log),
        )
        .subscribe();
      await until(() => entries().length === 3);
    }));

  it('sends as many events as batchSize at once, one call at a time, and no more bytes than maxBytes', () =>
    withEmulator(async (emulator, client) => {
      for (let index = 0; index < 100; index++) emulator.org.create('Account', { Name: `a ${index}` });
      for (const [options, most] of [
        [{ batchSize: 7 }, 7],
        [{ maxBytes: 1 }, 1],
      ] as const) {
        const good = memoryEventLog();
        let atWork = 0;
        const sizes: number[] = [];
        const log: EventLog = {
          ...good,
          append: async (topic, entries, fence) => {
            sizes.push(entries.length);
            expect(++atWork).to.equal(1);
            const durable = await good.append(topic, entries, fence);
            atWork--;
            return durable;
          },
        };
        let relayed = 0;
        client
          .changes('Account', EARLIEST)
          .pipe(relayTo(log, options))
          .subscribe(() => (relayed += 1));
        await until(() => relayed === 100);
        expect(Math.max(...sizes)).to.equal(most);
      }
    }));

  it('settles an event once it is durable, and sends the others again, when the log has taken only some', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator, { logger: { warn: () => undefined } });
      for (let index = 0; index < 18; index++) emulator.org.create('Account', { Name: `a ${index}` });
      const good = memoryEventLog({ partitions: 1 });
      let calls = 0;
      const log: EventLog = {
        ...good,
        append: async (topic, entries, fence) => {
          // The answer of each third call is lost, and each other third takes half.
          if (++calls % 3 === 1) return good.append(topic, entries.slice(0, Math.ceil(entries.length / 2)), fence);
          const durable = await good.append(topic, entries, fence);
          if (calls % 3 === 2) throw new EventLogError('lost');
          return durable;
        },
      };
      const relayed: string[] = [];
      const store = memoryReplayStore();
      client
        .changes('Account', { replay: { from: 'earliest', store, commitIntervalMs: 0 }, fields: [] })
        .pipe(
          relayTo(log, { batchSize: 6, logger: { warn: () => undefined } }),
          tap(({ id }) => void relayed.push(id)),
        )
        .subscribe();
      await until(() => relayed.length >= 18);
      const ids = emulator.log(TOPIC).map(({ id }) => id);
      expect(relayed).to.deep.equal(ids);
      const report = await client.drain();
      expect(report).to.include({ unsettled: 0 });
      const worker = createLogClient({ log: good });
      const found: string[] = [];
      worker
        .changes('Account')
        .pipe(
          handle(({ id }) => {
            found.push(id);
          }),
        )
        .subscribe();
      await until(() => found.length >= 18);
      expect((await good.lag(TOPIC, 0, undefined)).events).to.equal(18);
      expect(found).to.deep.equal(ids);
      worker.close();
    }));
});
