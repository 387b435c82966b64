import { expect } from 'chai';
import type { Status } from '@rxforce/core';
import type { Hold } from '@rxforce/core/delivery';
import { withEmulator } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import { nextStatus, until } from './support/wait-for.js';

describe('parked streams come back', () => {
  it('opens a stream again when there is room, without an error, an event twice or one lost', () =>
    withEmulator(
      async (emulator, client) => {
        const names = Array.from({ length: 30 }, (_, index) => `account ${index}`);
        names.forEach((Name) => emulator.org.create('Account', { Name }));
        const statuses: Status[] = [];
        client.status$.subscribe((status) => statuses.push(status));
        const received: unknown[] = [];
        const held: Hold[] = [];
        const errors: unknown[] = [];
        const events = client.changes<{ Name: string }>('Account', { replay: 'earliest', window: 10 });
        events
          .pipe(
            keep((event, hold) => {
              received.push(event.data.Name);
              held.push(hold);
            }),
          )
          .subscribe({ error: (error: unknown) => errors.push(error) });
        const parked = () => statuses.filter(({ type }) => type === 'parked').length;
        for (const round of [1, 2, 3]) {
          // The handler is slower than the server has patience: it closes the idle stream, maybe before all is decoded.
          await until(() => parked() === round && received.length === round * 10);
          expect(emulator.subscriptions()).to.have.length(0);
          expect(received).to.deep.equal(names.slice(0, round * 10));
          held.splice(0).forEach((hold) => hold.release());
        }
        await nextStatus(client.status$, 'live');
        expect(received).to.deep.equal(names);
        expect(errors).to.deep.equal([]);
        expect(statuses.filter(({ type }) => type === 'waiting')).to.deep.equal([]);
      },
      { idleCloseMs: 20, keepaliveMs: 50 },
    ));

  it('parks whatever the server closes the idle stream with', () =>
    withEmulator(async (emulator, client) => {
      const closings = [
        () => emulator.faults.endStreams(),
        () => emulator.faults.dropStreams(),
        () => emulator.faults.failStreams({ status: 'INTERNAL', errorCode: 'service.unavailable' }),
        () => emulator.faults.failStreams({ status: 'UNAUTHENTICATED', errorCode: 'service.auth.error' }),
        () => void emulator.faults.restartServer(),
      ];
      const held: Hold[] = [];
      const received: string[] = [];
      const events = client.changes('Account', { replay: 'earliest', window: 1 });
      events
        .pipe(
          keep((event, hold) => {
            received.push(event.id);
            held.push(hold);
          }),
        )
        .subscribe();
      for (const close of closings) {
        emulator.org.create('Account', { Name: 'one more' });
        await until(() => held.length === 1);
        const parked = nextStatus(client.status$, 'parked');
        close();
        await parked;
        held.pop()?.release();
      }
      expect(received).to.deep.equal(emulator.log('/data/AccountChangeEvent').map(({ id }) => id));
    }));
});
