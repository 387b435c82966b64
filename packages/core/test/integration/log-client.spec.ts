import { expect } from 'chai';
import { concatMap, defer, filter, Subject, type Observable } from 'rxjs';
import { EventLogError, memoryReplayStore, type ChangeEvent, type LogClient } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { until } from '../fault/support/wait-for.js';
import { PARTITIONS, reader, withLog } from '../support/with-log.js';

const TOPIC = '/data/AccountChangeEvent';

describe('createLogClient', () => {
  it('reads all partitions from the earliest on, when nothing else is said', () =>
    withLog(60, async (log, emulator) => {
      const { client, statuses } = reader(log);
      const events: ChangeEvent[] = [];
      client.changes('Account').subscribe((event) => void events.push(event));
      await until(() => events.length === 60);
      const ids = emulator.log('/data/AccountChangeEvent').map(({ id }) => id);
      expect(events.map(({ id }) => id).sort()).to.deep.equal([...ids].sort());
      const [assigned] = statuses.filter(({ type }) => type === 'assigned');
      expect(assigned).to.deep.include({ partitions: [0, 1, 2, 3, 4, 5, 6, 7], of: 8, members: 1 });
      expect(assigned).to.have.nested.property('shares.length', 1);
      const topics = client.state().subscriptions.map(({ topic, state }) => `${topic} ${state}`);
      expect(topics).to.deep.equal(Array.from({ length: 8 }, (_, index) => `/data/AccountChangeEvent#${index} live`));
      client.close();
    }));

  it('reads what comes from now on, when it is told so', () =>
    withLog(20, async (log, _emulator, more) => {
      const { client, ofType } = reader(log);
      let events = 0;
      client.changes('Account', { replay: 'latest' }).subscribe(() => (events += 1));
      await until(() => ofType('live').length === PARTITIONS);
      await more(5);
      await until(() => events === 5);
      client.close();
    }));

  it('warns once that the log has dropped what a new group would begin with, and not a group that has a position', () =>
    withLog(
      60,
      async (log) => {
        const said: string[] = [];
        const options = { logger: { warn: (message: string) => void said.push(message) } };
        const store = memoryReplayStore();
        const read = async (count: number) => {
          const { client, ofType } = reader(log, options);
          let events = 0;
          client
            .changes('Account', { replay: { store, name: 'crm', commitIntervalMs: 0 }, settle: 'on-return' })
            .subscribe(() => (events += 1));
          await until(() => ofType('live').length === PARTITIONS && events === count);
          client.close();
        };
        const lags = await Promise.all(
          Array.from({ length: PARTITIONS }, (_, each) => log.lag(TOPIC, each, undefined)),
        );
        await read(lags.reduce((sum, { events = 0 }) => sum + events, 0));
        expect(said).to.have.length(1);
        expect(said[0]).to.match(
          /^\/data\/AccountChangeEvent#\d: the reading begins at the oldest entry .* dropped \(\d+\)/,
        );
        said.length = 0;
        await read(0);
        expect(said).to.deep.equal([]);
      },
      { maxEntries: 2 },
    ));

  it('says how far each partition is behind, from the stored position on and from each commit on', () =>
    withLog(80, async (log) => {
      const replay = { store: memoryReplayStore(), name: 'crm', commitIntervalMs: 0 };
      const total = async (client: LogClient) => {
        const lags = await client.lag();
        expect(lags.every(({ topic, name }) => topic === '/data/AccountChangeEvent' && name === 'crm')).to.equal(true);
        return lags.reduce((sum, { events = 0 }) => sum + events, 0);
      };
      const first = reader(log, { windowTotal: PARTITIONS * 4 }).client;
      const gates: Subject<void>[] = [];
      const read = (client: LogClient) =>
        client.changes('Account', { replay }).pipe(
          handle(
            () => {
              const gate = new Subject<void>();
              gates.push(gate);
              return gate;
            },
            { concurrency: 100 },
          ),
        );
      read(first).subscribe();
      // Nothing is committed yet: the lag is that of the start.
      await until(async () => gates.length > 20 && (await first.lag()).length === PARTITIONS);
      expect(await total(first)).to.equal(80);
      gates.splice(0).forEach((gate) => gate.complete());
      await until(async () => (await total(first)) < 80);
      const left = await total(first);
      first.close();
      expect(await first.lag()).to.deep.equal([]);

      const second = reader(log, { windowTotal: PARTITIONS * 4 }).client;
      read(second).subscribe();
      await until(async () => (await second.lag()).length === PARTITIONS);
      expect(await total(second)).to.be.at.most(left);
      await until(async () => {
        gates.splice(0).forEach((gate) => gate.complete());
        return (await total(second)) === 0;
      });
      expect((await second.lag()).map(({ oldestAt }) => oldestAt)).to.deep.equal(Array(PARTITIONS).fill(undefined));
      second.close();
    }));

  it('says no lag, without a position, and rejects when the log fails', () =>
    withLog(10, async (log) => {
      const { client } = reader(log);
      client.changes('Account', { settle: 'on-return' }).subscribe();
      await until(() => client.state().subscriptions.some(({ state }) => state === 'live'));
      expect(await client.lag()).to.deep.equal([]);
      client.close();
      const failing = reader({ ...log, lag: () => Promise.reject(new Error('down')) }).client;
      failing
        .changes('Account', { settle: 'on-return', replay: { store: memoryReplayStore(), name: 'x' } })
        .subscribe();
      await until(() => failing.state().subscriptions.some(({ state }) => state === 'live'));
      const error = await failing.lag().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(EventLogError.is(error)).to.equal(true);
      failing.close();
    }));

  it('goes on at its position, and tells the log of it', () =>
    withLog(40, async (good) => {
      const reached: string[] = [];
      const log = { ...good, reached: ({ group }: { group: string }) => Promise.resolve(void reached.push(group)) };
      const replay = { store: memoryReplayStore(), name: 'crm', commitIntervalMs: 0 };
      const handled: string[] = [];
      while (handled.length < 40) {
        const { client } = reader(log, { windowTotal: 16 });
        const before = handled.length;
        client
          .changes('Account', { replay })
          .pipe(handle(({ id }) => Promise.resolve(void handled.push(id))))
          .subscribe();
        await until(() => handled.length >= Math.min(40, before + 12));
        expect(await client.drain()).to.deep.include({ unsettled: 0, uncommitted: 0 });
      }
      expect(new Set(handled).size).to.equal(40);
      expect(handled).to.have.length(40);
      expect(new Set(reached)).to.deep.equal(new Set(['crm']));
    }));

  for (const [what, isWarned, subscribe] of [
    ['a function', true, (changes$: Observable<ChangeEvent>, take: () => void) => changes$.subscribe(take)],
    [
      'a function that returns its promise',
      false,
      (changes$: Observable<ChangeEvent>, take: () => void) =>
        // eslint-disable-next-line @typescript-eslint/no-misused-promises -- As users may.
        changes$.subscribe(() => Promise.resolve().then(take)),
    ],
    [
      'handle()',
      false,
      (changes$: Observable<ChangeEvent>, take: () => void) => changes$.pipe(handle(() => [take()])).subscribe(),
    ],
    [
      'a plain operator before it',
      true,
      (changes$: Observable<ChangeEvent>, take: () => void) => changes$.pipe(filter(() => true)).subscribe(take),
    ],
  ] as const) {
    it(`commits what ${what} has taken, as a client of an org does, and warns of no more`, () =>
      withLog(40, async (log) => {
        const warnings: string[] = [];
        const { client, ofType } = reader(log, { logger: { warn: (message) => void warnings.push(message) } });
        const replay = { store: memoryReplayStore(), commitIntervalMs: 0 };
        let taken = 0;
        subscribe(client.changes('Account', { replay }), () => (taken += 1));
        await until(() => taken === 40);
        expect(await client.drain()).to.deep.include({ unsettled: 0, uncommitted: 0 });
        const committed = ofType('committed') as unknown as { events: number }[];
        expect(committed.reduce((sum, { events }) => sum + events, 0)).to.equal(40);
        // A client of an org says as much, and once.
        expect(warnings).to.have.length.at.most(isWarned ? 1 : 0);
      }));
  }

  it('errors, when nothing is known to work on the events, as a client of an org does', () =>
    withLog(40, async (log) => {
      const { client, ofType } = reader(log);
      const replay = { store: memoryReplayStore(), commitIntervalMs: 0 };
      const held: unknown[] = [];
      const error = await new Promise((resolve) =>
        client
          .changes('Account', { replay, window: 1 })
          .pipe(concatMap((event) => defer(async () => void held.push(await Promise.resolve(event)))))
          .subscribe({ error: resolve }),
      );
      expect(error).to.have.property('code').that.is.oneOf(['unheld', 'settled-early']);
      expect(ofType('committed')).to.deep.equal([]);
      client.close();
    }));

  it('has no more events in work than windowTotal, of all partitions together', () =>
    withLog(100, async (log) => {
      const { client } = reader(log, { windowTotal: 16 });
      const started: string[] = [];
      const work = new Map<string, Subject<never>>();
      client
        .changes('Account')
        .pipe(
          handle(
            ({ id }) => {
              started.push(id);
              const done = new Subject<never>();
              work.set(id, done);
              return done;
            },
            { concurrency: 1_000 },
          ),
        )
        .subscribe();
      await until(() => started.length === 16);
      for (let count = 17; count <= 60; count++) {
        const [id] = work.keys();
        work.get(id!)!.complete();
        work.delete(id!);
        await until(() => work.size > 0);
        expect(work.size).to.be.at.most(16);
      }
      client.close();
    }));
});
