import { expect } from 'chai';
import type { PubSubClient, Status } from '@rxforce/core';
import { startEmulator, type Emulator, type EmulatorOptions } from '@rxforce/emulator';
import { resolveSubscribeOptions } from '../../src/subscribe/options.js';
import { clientOf } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { startProxy, type Proxy } from '../support/proxy.js';
import { SteppedTime } from '../support/stepped-time.js';
import { untilInTurns } from './support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';

/**
 * A client of an emulator behind a proxy. Time passes for it when the test says so: a slow machine is not a silent
 * server.
 */
interface Bench {
  readonly emulator: Emulator;
  readonly proxy: Proxy;
  readonly client: PubSubClient;
  readonly time: SteppedTime;
  /** What the client waits for. */
  readonly waiting: Extract<Status, { type: 'waiting' }>[];
  /** Waits until something is so, while no time passes. */
  until(isSo: () => boolean): Promise<void>;
}

async function withBench(test: (bench: Bench) => Promise<void>, options: EmulatorOptions = {}): Promise<void> {
  const emulator = await startEmulator({ seed: 1, ...options });
  const proxy = await startProxy(Number(emulator.grpcEndpoint.split(':')[1]));
  const time = new SteppedTime();
  const client = clientOf(emulator, { endpoint: proxy.endpoint, scheduler: time, logger: { warn: () => undefined } });
  const waiting: Bench['waiting'] = [];
  client.status$.subscribe((status) => {
    if (status.type === 'waiting') waiting.push(status);
  });
  try {
    await test({ emulator, proxy, client, time, waiting, until: (isSo) => untilInTurns(time, 0, isSo) });
  } finally {
    client.close();
    await proxy.stop();
    await emulator.stop();
  }
}

describe('silence is noticed', () => {
  for (const pings of [true, false]) {
    it(`replaces a half-open connection ${pings ? 'that answers pings' : 'that answers nothing'}, and loses nothing`, () =>
      withBench(async ({ emulator, client, time, waiting, until }) => {
        const ids: string[] = [];
        client.changes('Account', { replay: 'earliest', silenceTimeoutMs: 1_000 }).subscribe(({ id }) => ids.push(id));
        emulator.org.create('Account', { Name: 'before' });
        await until(() => ids.length === 1);
        emulator.faults.silence({ pings });
        emulator.org.create('Account', { Name: 'unheard' });
        await time.pass(999);
        expect(waiting).to.deep.equal([]);
        await time.pass(1);
        expect(waiting).to.have.length(1);
        expect(waiting[0]).to.have.nested.property('cause.code', 'connection');
        await time.pass(waiting[0]!.delayMs);
        await until(() => ids.length === 2);
        expect(ids).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
        expect(waiting).to.have.length(1);
      }));
  }

  for (const direction of ['toClient', 'toServer', 'both'] as const) {
    it(`replaces a connection on which bytes vanish (${direction}), and loses nothing`, () =>
      withBench(async ({ emulator, proxy, client, time }) => {
        const ids: string[] = [];
        // A window of one: each event asks for the next, so a request that vanishes is missed.
        const options = { replay: 'earliest', silenceTimeoutMs: 300, window: 1 } as const;
        client.changes('Account', options).subscribe(({ id }) => ids.push(id));
        for (const name of ['before', 'between', 'after']) {
          const expected = ids.length + 1;
          emulator.org.create('Account', { Name: name });
          await untilInTurns(time, 1, () => ids.length === expected);
          proxy.dropBytes(direction);
        }
        expect(ids).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
        expect(proxy.vanishedBytes).to.be.greaterThan(0);
      }));
  }

  it('leaves the other subscriptions of the client on their connection, where that one lives', () =>
    withBench(
      async ({ emulator, client, time, waiting, until }) => {
        const ids: string[] = [];
        client.changes('Account', { replay: 'earliest', silenceTimeoutMs: 200 }).subscribe(({ id }) => ids.push(id));
        const patient: Status[] = [];
        const contacts = client.changes('Contact', { replay: 'earliest', silenceTimeoutMs: 60_000 });
        contacts.status$.subscribe((status) => patient.push(status));
        contacts.subscribe(({ id }) => ids.push(id));
        emulator.org.create('Account', { Name: 'an account' });
        emulator.org.create('Contact', { Name: { LastName: 'a contact' } });
        await until(() => ids.length === 2);
        // No keepalives: to the impatient one that is silence.
        await time.pass(200);
        expect(waiting.map(({ topic }) => topic)).to.deep.equal([TOPIC]);
        emulator.org.create('Contact', { Name: { LastName: 'another contact' } });
        await until(() => ids.length === 3);
        expect(patient.filter(({ type }) => type === 'connecting')).to.have.length(1);
      },
      { keepaliveMs: 60_000 },
    ));

  it('lets a server be silent while nothing is asked of it', () =>
    withBench(async ({ emulator, client, time, waiting, until }) => {
      const ids: string[] = [];
      const events = client.changes('Account', { replay: 'earliest', window: 1, silenceTimeoutMs: 250 });
      emulator.org.create('Account', { Name: 'kept' });
      emulator.org.create('Account', { Name: 'waits' });
      // The handler blocks the window, not the thread.
      events.pipe(keep(({ id }) => ids.push(id))).subscribe();
      await until(() => ids.length === 1);
      await time.pass(10_000);
      expect(waiting).to.deep.equal([]);
    }));

  it('waits for longer than the keepalive of the service, unless told otherwise', () => {
    expect(resolveSubscribeOptions({}).silenceTimeoutMs).to.be.within(270_001, 600_000);
  });
});
