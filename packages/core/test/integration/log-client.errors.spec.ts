import { expect } from 'chai';
import { retry, Subject } from 'rxjs';
import { createLogClient, EventLogError, memoryReplayStore, type EventLog, type LogClientOptions } from '@rxforce/core';
import { memoryEventLog } from '@rxforce/core/testing';
import { handle } from '@rxforce/operators';
import { until } from '../fault/support/wait-for.js';
import { MemoryMembership } from '../support/memory-membership.js';
import { reader, withLog } from '../support/with-log.js';

describe('createLogClient', () => {
  it('waits for a log that cannot be opened or read for now, and says so', () =>
    withLog(20, async (good) => {
      let failures = 3;
      const fails = <T>(call: () => T): T => {
        if (failures-- > 0) throw new EventLogError('away');
        return call();
      };
      const log: EventLog = {
        ...good,

        open: async () => fails(() => good.open()),

        schema: async (id) => fails(() => good.schema(id)),
      };
      const { client, ofType } = reader(log);
      let events = 0;
      client.changes('Account').subscribe(() => (events += 1));
      await until(() => events === 20);
      expect(ofType('waiting').length).to.be.at.least(3);
      client.close();
    }));

  it('errors, when the log refuses for good', () =>
    withLog(1, async (good) => {
      const refused = new EventLogError('no', { reason: 'refused' });
      for (const broken of [
        { open: () => Promise.reject(refused) },
        { open: () => Promise.resolve({}) as never },
        { schema: () => Promise.resolve(undefined) },
      ]) {
        const { client } = reader({ ...good, ...broken });
        const error = await new Promise((resolve) => client.changes('Account').subscribe({ error: resolve }));
        expect(error).to.have.property('code').that.is.oneOf(['event-log', 'schema-invalid']);
        client.close();
      }
    }));

  it('errors with replay-id-invalid, when entries are gone; goes on with what is there, when it is told so', () =>
    withLog(
      40,
      async (log, _emulator, more) => {
        const store = memoryReplayStore();
        const read = (onInvalid: 'fail' | 'earliest') => {
          const { client, ofType } = reader(log);
          const ids: string[] = [];
          const errors: unknown[] = [];
          client
            .changes('Account', { replay: { store, onInvalid, commitIntervalMs: 0 } })
            .pipe(handle(({ id }) => Promise.resolve(void ids.push(id))))
            .subscribe({ error: (error: unknown) => errors.push(error) });
          return { client, ids, errors, ofType };
        };
        const first = read('fail');
        await until(() => first.ids.length > 0);
        await first.client.drain();
        await more(400);
        const second = read('fail');
        await until(() => second.errors.length > 0);
        expect(second.errors[0]).to.have.property('code', 'replay-id-invalid');
        second.client.close();
        const third = read('earliest');
        await until(() => third.ids.length > 0 && third.ofType('replayReset').length > 0);
        third.client.close();
      },
      { maxEntries: 20 },
    ));

  it('errors after close(), and ends a retry() without an error', () =>
    withLog(1, async (log) => {
      const { client } = reader(log);
      const ends: string[] = [];
      const changes$ = client.changes('Account');
      const end = (name: string) => ({
        error: (error: Error) => ends.push(`${name} ${error.name}`),
        complete: () => ends.push(`${name} complete`),
      });
      const failing$ = new Subject<never>();
      changes$
        .pipe(
          handle(() => failing$),
          retry(),
        )
        .subscribe(end('retry'));
      await until(() => failing$.observed);
      client.close();
      failing$.error(new Error('late'));
      client.changes('Account').subscribe(end('new'));
      expect(ends).to.deep.equal(['retry complete', 'new ClientClosedError']);
    }));

  it('throws a ConfigurationError, when an option cannot be right', () => {
    const log = memoryEventLog();
    const wrong: Partial<LogClientOptions>[] = [
      { log: {} as never },
      { membership: {} as never },
      { memberName: '' },
      { windowTotal: 0 },
      { schemaIds: 'maybe' as never },
      { lease: 1 } as never,
    ];
    for (const options of wrong) {
      expect(() => createLogClient({ log, ...options }))
        .to.throw()
        .with.property('code', 'configuration');
    }
    const client = createLogClient({ log, membership: new MemoryMembership() });
    expect(() => client.changes('Account')).to.throw(/needs a lease/);
    expect(() => client.changes('Account', { replay: 5 as never }))
      .to.throw()
      .with.property('code', 'configuration');
  });
});
