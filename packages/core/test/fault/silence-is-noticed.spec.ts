import { expect } from 'chai';
import type { Status } from '@rxforce/core';
import { resolveSubscribeOptions } from '../../src/subscribe/options.js';
import { clientOf, withEmulator } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { startProxy } from '../support/proxy.js';
import { nextStatus, until } from './support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';

describe('silence is noticed', () => {
  for (const pings of [true, false]) {
    it(`replaces a half-open connection ${pings ? 'that answers pings' : 'that answers nothing'}, and loses nothing`, () =>
      withEmulator(
        async (emulator, client) => {
          const ids: string[] = [];
          const causes: Status[] = [];
          const events = client.changes('Account', { replay: 'earliest', silenceTimeoutMs: 1_000 });
          events.status$.subscribe((status) => {
            if (status.type === 'waiting') causes.push(status);
          });
          events.subscribe(({ id }) => ids.push(id));
          emulator.org.create('Account', { Name: 'before' });
          await until(() => ids.length === 1);
          emulator.faults.silence({ pings });
          emulator.org.create('Account', { Name: 'unheard' });
          await until(() => ids.length === 2);
          expect(ids).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
          expect(causes).to.have.length(1);
          expect(causes[0]).to.have.nested.property('cause.code', 'connection');
        },
        { keepaliveMs: 50 },
      ));
  }

  for (const direction of ['toClient', 'toServer', 'both'] as const) {
    it(`replaces a connection on which bytes vanish (${direction}), and loses nothing`, () =>
      withEmulator(
        async (emulator) => {
          const proxy = await startProxy(Number(emulator.grpcEndpoint.split(':')[1]));
          const client = clientOf(emulator, { endpoint: proxy.endpoint });
          const ids: string[] = [];
          // A window of one: each event asks for the next, so a request that vanishes is missed.
          const options = { replay: 'earliest', silenceTimeoutMs: 300, window: 1 } as const;
          client.changes('Account', options).subscribe(({ id }) => ids.push(id));
          for (const name of ['before', 'between', 'after']) {
            const expected = ids.length + 1;
            emulator.org.create('Account', { Name: name });
            await until(() => ids.length === expected);
            proxy.dropBytes(direction);
          }
          expect(ids).to.deep.equal(emulator.log(TOPIC).map(({ id }) => id));
          expect(proxy.vanishedBytes).to.be.greaterThan(0);
          client.close();
          await proxy.stop();
        },
        { keepaliveMs: 50 },
      ));
  }

  it('leaves the other subscriptions of the client on their connection, where that one lives', () =>
    withEmulator(
      async (emulator, client) => {
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
        await nextStatus(client.status$, 'waiting');
        emulator.org.create('Contact', { Name: { LastName: 'another contact' } });
        await until(() => ids.length === 3);
        expect(patient.filter(({ type }) => type === 'connecting')).to.have.length(1);
      },
      { keepaliveMs: 60_000 },
    ));

  it('lets a server be silent while nothing is asked of it', () =>
    withEmulator(
      async (emulator, client) => {
        const statuses: Status[] = [];
        client.status$.subscribe((status) => statuses.push(status));
        const events = client.changes('Account', { replay: 'earliest', window: 1, silenceTimeoutMs: 250 });
        emulator.org.create('Account', { Name: 'kept' });
        emulator.org.create('Account', { Name: 'waits' });
        // The handler blocks the window, not the thread.
        const parked = nextStatus(client.status$, 'parked');
        events.pipe(keep(() => undefined)).subscribe();
        await parked;
        expect(statuses.filter(({ type }) => type === 'waiting')).to.deep.equal([]);
      },
      { keepaliveMs: 50, idleCloseMs: 800 },
    ));

  it('waits for longer than the keepalive of the service, unless told otherwise', () => {
    expect(resolveSubscribeOptions({}).silenceTimeoutMs).to.be.within(270_001, 600_000);
  });
});
