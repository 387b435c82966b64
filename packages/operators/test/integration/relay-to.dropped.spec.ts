import { expect } from 'chai';
import { firstValueFrom, NEVER, Subject, throwError } from 'rxjs';
import type { DroppedUnread, EventLog, Logger } from '@rxforce/core';
import { relayTo } from '@rxforce/operators';
import { memoryEventLog } from '@rxforce/core/testing';
import { withEmulator } from '../../../core/test/support/emulated.js';
import { until } from '../../../core/test/fault/support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';

describe('relayTo, into a log that drops entries', () => {
  /** A logger that notes what it is told. */
  const noted = () => {
    const said: string[] = [];
    return { said, logger: { warn: (message) => void said.push(message) } satisfies Logger };
  };

  it('warns once of those that nobody has read, and then of those of the slowest group', () =>
    withEmulator(async (emulator, client) => {
      const log = memoryEventLog({ partitions: 1, maxEntries: 5 });
      const { said, logger } = noted();
      let relayed = 0;
      client
        .changes('Account', { replay: 'earliest', fields: [] })
        .pipe(relayTo(log, { logger }))
        .subscribe(() => (relayed += 1));
      const create = async (count: number) => {
        for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: 'a' });
        const wanted = relayed + count;
        await until(() => relayed === wanted);
      };
      await create(5);
      expect(said).to.deep.equal([]);
      await create(5);
      await create(5);
      expect(said).to.have.length(1);
      expect(said[0]).to.include(`${TOPIC}: the log drops entries that no group has read, such as of partition 0`);

      const { latest } = await firstValueFrom(log.read({ topic: TOPIC, partition: 0, from: 'latest' }, NEVER));
      await log.reached({ topic: TOPIC, partition: 0, group: 'sync', position: latest! });
      await create(5);
      expect(said).to.have.length(1);
      await create(1);
      expect(said).to.have.length(2);
      expect(said[1]).to.include('that the group "sync" has not read');
    }));

  it('says nothing of what others append to other topics, and after its end', () =>
    withEmulator(async (emulator, client) => {
      const { said, logger } = noted();
      const dropped$ = new Subject<DroppedUnread>();
      let relayed = 0;
      const relaying = client
        .changes('Account', { replay: 'earliest', fields: [] })
        .pipe(relayTo({ ...memoryEventLog(), dropped$ }, { logger }))
        .subscribe(() => (relayed += 1));
      emulator.org.create('Account', { Name: 'a' });
      await until(() => relayed === 1);
      const of = { partition: 0, group: undefined, entries: 1 };
      dropped$.next({ topic: '/data/ContactChangeEvent', ...of });
      expect(said).to.deep.equal([]);
      dropped$.next({ topic: TOPIC, ...of });
      expect(said).to.have.length(1);
      relaying.unsubscribe();
      expect(dropped$.observed).to.equal(false);
    }));

  it('goes on where the log cannot tell, or no more', () =>
    withEmulator(async (emulator, client) => {
      const { open, append, putSchema, schema, read, lag, close } = memoryEventLog({ partitions: 1, maxEntries: 1 });
      const log: EventLog = { open, append, putSchema, schema, read, lag, close };
      for (const each of [log, { ...log, dropped$: throwError(() => new Error('no more')) }]) {
        let relayed = 0;
        client
          .changes('Account', { replay: 'earliest', fields: [] })
          .pipe(relayTo(each))
          .subscribe(() => (relayed += 1));
        emulator.org.create('Account', { Name: 'a' });
        emulator.org.create('Account', { Name: 'b' });
        await until(() => relayed >= 2);
      }
    }));
});
