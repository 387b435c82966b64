import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { NEVER, Subject } from 'rxjs';
import { memoryReplayStore, type Status } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { clientOf, withEmulator } from '../support/emulated.js';
import { until } from './support/wait-for.js';

const make = (org: { create(entity: string, values: object): string }, count: number) => {
  for (let index = 0; index < count; index++) org.create('Account', { Name: `account ${index}` });
};

describe('drain leaves nothing behind', () => {
  it('waits for the work, commits it, and tells what was settled; the next process goes on right behind', () =>
    withEmulator(async (emulator) => {
      const store = memoryReplayStore();
      const handled: string[] = [];
      make(emulator.org, 500);
      const ends: string[] = [];
      // Five lives: each is drained in the middle of its work, which goes on in turns of its own.
      while (handled.length < 500) {
        const client = clientOf(emulator);
        const before = handled.length;
        client
          .changes('Account', { replay: { from: 'earliest', store }, window: 120 })
          .pipe(
            handle(async ({ id }) => {
              await setImmediate();
              handled.push(id);
            }),
          )
          .subscribe({ complete: () => ends.push('complete') });
        await until(() => handled.length >= Math.min(500, before + 60));
        const report = await client.drain({ timeoutMs: 5_000 });
        expect(report.subscriptions).to.have.length(1);
        const last = emulator.log('/data/AccountChangeEvent')[handled.length - 1];
        expect(report.subscriptions[0]?.lastCommitted?.toString()).to.equal(last?.replayId);
        await until(() => emulator.subscriptions().length === 0);
      }
      expect(handled).to.deep.equal(emulator.log('/data/AccountChangeEvent').map(({ id }) => id));
      expect(ends.length).to.be.greaterThan(2);
    }));

  it('stops waiting when the time is over, and tells what comes again', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator);
      const finished = Array.from({ length: 10 }, () => new Subject<void>());
      const waiting = [...finished];
      make(emulator.org, 10);
      const statuses: Status[] = [];
      client.status$.subscribe((status) => statuses.push(status));
      client
        .changes('Account', { replay: 'earliest' })
        .pipe(handle(() => waiting.shift() ?? new Subject<void>(), { concurrency: 10, keyBy: ({ id }) => id }))
        .subscribe();
      await until(() => waiting.length === 0);
      finished.slice(0, 4).forEach((work) => work.complete());
      const drained = client.drain({ timeoutMs: 50 });
      finished.slice(4, 6).forEach((work) => work.complete());
      expect(await drained).to.deep.include({ settled: 2, unsettled: 4 });
      expect(statuses.at(-1)?.type).to.equal('closed');
    }));

  it('asks for nothing more, and hands nothing more out', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator);
      const waiting: Subject<void>[] = [];
      make(emulator.org, 100);
      client
        .changes('Account', { replay: 'earliest', window: 20 })
        .pipe(
          handle(
            () => {
              const work = new Subject<void>();
              waiting.push(work);
              return work;
            },
            { concurrency: 20, keyBy: ({ id }) => id },
          ),
        )
        .subscribe();
      await until(() => waiting.length === 20);
      const drained = client.drain({ timeoutMs: 5_000 });
      waiting.forEach((work) => work.complete());
      expect(await drained).to.deep.include({ settled: 20, unsettled: 0 });
      expect(waiting).to.have.length(20);
    }));

  it('is over at once when the client is closed meanwhile', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator);
      make(emulator.org, 1);
      let working = false;
      const never = handle(() => {
        working = true;
        return NEVER;
      });
      client.changes('Account', { replay: 'earliest' }).pipe(never).subscribe();
      await until(() => working);
      const drained = client.drain({ timeoutMs: 2_000_000 });
      client.close();
      expect(await drained).to.deep.include({ settled: 0, unsettled: 1 });
    }));

  it('drains all subscriptions at once, is over at once where there are none, and can be called again', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator);
      make(emulator.org, 10);
      const seen: string[] = [];
      const entities = ['Account', 'Contact'];
      entities.forEach((entity) => client.changes(entity, { replay: 'earliest' }).subscribe(({ id }) => seen.push(id)));
      await until(() => seen.length === 10 && emulator.subscriptions().length === 2);
      const [report, again] = await Promise.all([client.drain(), client.drain()]);
      expect(report.subscriptions.map(({ topic }) => topic)).to.have.members([
        '/data/AccountChangeEvent',
        '/data/ContactChangeEvent',
      ]);
      expect(again).to.deep.equal(report);
      expect(await clientOf(emulator).drain()).to.deep.equal({
        settled: 0,
        unsettled: 0,
        uncommitted: 0,
        subscriptions: [],
      });
    }));
});
