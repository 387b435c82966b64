import { expect } from 'chai';
import { retry } from 'rxjs';
import { memoryReplayStore, ReplayId, ReplayStoreError, type ReplayStore, type Status } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { startEmulator } from '@rxforce/emulator';
import { clientOf, withEmulator } from '../support/emulated.js';
import { Chaos } from './support/chaos.js';
import { seeded, suiteSeed } from './support/seeded.js';
import { nextStatus, until } from './support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';

describe('commit only after settlement', function () {
  this.timeout(180_000);
  const seed = suiteSeed(7);

  it('commits nothing that is not handled, out of order, while things break, handlers fail and saves fail', async () => {
    const random = seeded(seed);
    const emulator = await startEmulator({ seed, keepaliveMs: 50, idleCloseMs: 200 });
    const client = clientOf(emulator, { logger: { warn: () => undefined } });
    const chaos = new Chaos({ emulator }, random, [
      'streams dropped',
      'sessions expired',
      'responses split',
      'events sent again',
    ]);
    const handled = new Set<string>();
    const tooEarly: string[] = [];
    const saved: number[] = [];
    const store = watched((position) => {
      const log = emulator.log(TOPIC);
      const index = log.findIndex(({ replayId }) => replayId === position);
      tooEarly.push(...log.slice(0, index + 1).flatMap(({ id }) => (handled.has(id) ? [] : [id])));
      if (index >= 0) saved.push(index);
      return random.next() > 0.2;
    });
    for (let index = 0; index < 2_000; index++) emulator.org.create('Account', { Name: `account ${index}` });
    let failures = 0;
    client
      .changes('Account', { replay: { from: 'earliest', store, commitIntervalMs: 1 }, silenceTimeoutMs: 500 })
      .pipe(
        handle(
          async ({ id }) => {
            for (let turns = random.below(4); turns > 0; turns--) await new Promise(setImmediate);
            if (random.next() < 0.01) {
              failures++;
              throw new Error('the other system failed');
            }
            handled.add(id);
            if (handled.size % 300 === 0) chaos.strike();
          },
          { concurrency: 8 },
        ),
        retry(),
      )
      .subscribe();
    await until(() => handled.size === emulator.log(TOPIC).length);
    await chaos.over();
    const report = await client.drain();
    await emulator.stop();
    expect(tooEarly).to.deep.equal([]);
    expect(failures).to.be.greaterThan(5);
    expect(saved).to.deep.equal([...saved].sort((a, b) => a - b));
    expect(saved.at(-1)).to.equal(emulator.log(TOPIC).length - 1);
    expect(report.unsettled).to.equal(0);
  });

  it('makes the position of a quiet topic durable, so that it does not age', () =>
    withEmulator(
      async (emulator, client) => {
        const store = memoryReplayStore();
        const committed = nextStatus(client.status$, 'committed');
        const keptAlive = nextStatus(client.status$, 'keepalive');
        client.changes('Account', { replay: { store, commitIntervalMs: 0 } }).subscribe();
        const { replayId } = await keptAlive;
        expect(String((await committed).position)).to.equal(String(replayId));
        // What happens while nobody listens is not lost: the next subscription goes on at the anchor, not at the tip.
        await client.drain();
        emulator.org.create('Account', { Name: 'meanwhile' });
        const ids: string[] = [];
        const next = clientOf(emulator);
        next.changes('Account', { replay: { store } }).subscribe(({ id }) => ids.push(id));
        await until(() => ids.length === 1);
        next.close();
      },
      { keepaliveMs: 20 },
    ));

  it('anchors a subscription to the tip before its first event is handed out', () =>
    withEmulator(async (emulator) => {
      const store = memoryReplayStore();
      const seen: string[] = [];
      for (const life of ['fails', 'fails again', 'works']) {
        const client = clientOf(emulator);
        const live = nextStatus(client.status$, 'requested');
        const events = client.changes('Account', { replay: { store } }).pipe(
          handle(({ id }) => {
            seen.push(id);
            if (life !== 'works') throw new Error(life);
            return [];
          }),
        );
        const before = seen.length;
        events.subscribe({ error: () => undefined });
        await live;
        if (life === 'fails') {
          await until(() => emulator.subscriptions().some(({ pending }) => pending > 0));
          emulator.org.create('Account', { Name: 'the first' });
        }
        await until(() => seen.length > before);
        await client.drain();
      }
      expect(new Set(seen).size).to.equal(1);
      expect(seen).to.have.length(3);
    }));

  it('stops demand while the store fails, and goes on when it works again', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator, { logger: { warn: () => undefined } });
      let works = false;
      const store = watched(() => works);
      const statuses: Status[] = [];
      client.status$.subscribe((status) => statuses.push(status));
      for (let index = 0; index < 100; index++) emulator.org.create('Account', { Name: `account ${index}` });
      const ids: string[] = [];
      client
        .changes('Account', { replay: { from: 'earliest', store, commitIntervalMs: 0 }, window: 30 })
        .subscribe(({ id }) => ids.push(id));
      await nextStatus(client.status$, 'commitFailed');
      await nextStatus(client.status$, 'commitFailed');
      expect(ids).to.have.length(30);
      works = true;
      await until(() => ids.length === 100);
      expect(statuses.some(({ type }) => type === 'committed')).to.equal(true);
      client.close();
    }));
});

/** A store in memory that shows each position before it is saved, and rejects where it is told to. */
function watched(onSave: (position: string) => boolean): ReplayStore {
  const store = memoryReplayStore();
  return {
    load: (key) => store.load(key),
    save: async (key, position) => {
      await new Promise(setImmediate);
      const works = onSave(position instanceof ReplayId ? position.toString() : '');
      if (!works) throw new ReplayStoreError('The disk is full.');
      await store.save(key, position);
    },
  };
}
