import { expect } from 'chai';
import type { ReplayId } from '@rxforce/core';
import { memoryReplayStore, type ReplayStore, type RxforceError, type Status } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { clientOf, withEmulator } from '../support/emulated.js';
import { nextStatus, until } from './support/wait-for.js';

const POSITION_LOST: Readonly<Record<string, (emulator: Emulator) => void>> = {
  expired: ({ faults }) => faults.expireReplayIds(),
  'of an org that was reset': ({ faults }) => faults.resetOrg(),
};

describe('expired positions are told', () => {
  for (const [what, lose] of Object.entries(POSITION_LOST)) {
    it(`errors when the stored position is ${what}, by default, and moves nothing`, () =>
      withEmulator(async (emulator) => {
        const { store, replayId } = await handledOne(emulator);
        lose(emulator);
        emulator.org.create('Account', { Name: 'after' });
        for (let attempt = 1; attempt <= 2; attempt++) {
          const { ids, errors } = await subscribed(emulator, store, 'fail');
          expect(errors[0]).to.include({ code: 'replay-id-invalid', replayId: replayId.toString(), retriable: false });
          expect(ids).to.deep.equal([]);
        }
      }));

    it(`goes on from the earliest event when the stored position is ${what}, where told to, and says so`, () =>
      withEmulator(async (emulator) => {
        const { store, replayId } = await handledOne(emulator);
        lose(emulator);
        emulator.org.create('Account', { Name: 'after' });
        const { ids, statuses, warnings } = await subscribed(emulator, store, 'earliest');
        expect(ids).to.deep.equal(emulator.log('/data/AccountChangeEvent').map(({ id }) => id));
        expect(resets(statuses)).to.deep.equal([{ from: replayId.toString(), policy: 'earliest' }]);
        expect(warnings[0]).to.include(replayId.toString());
      }));

    it(`goes on from the tip when the stored position is ${what}, where told to, and says so`, () =>
      withEmulator(async (emulator) => {
        const { store, replayId } = await handledOne(emulator);
        lose(emulator);
        emulator.org.create('Account', { Name: 'before the subscription' });
        const { ids, statuses } = await subscribed(emulator, store, 'latest', () =>
          emulator.org.create('Account', { Name: 'after' }),
        );
        expect(ids).to.deep.equal(
          emulator
            .log('/data/AccountChangeEvent')
            .slice(-1)
            .map(({ id }) => id),
        );
        expect(resets(statuses)).to.deep.equal([{ from: replayId.toString(), policy: 'latest' }]);
      }));
  }

  it('tells it of a live subscription whose org is reset, too', () =>
    withEmulator(async (emulator) => {
      const client = clientOf(emulator, { logger: { warn: () => undefined } });
      const ids: string[] = [];
      client
        .changes('Account', { replay: { from: 'earliest', onInvalid: 'earliest' } })
        .subscribe(({ id }) => ids.push(id));
      emulator.org.create('Account', { Name: 'before' });
      await until(() => ids.length === 1);
      const told = nextStatus(client.status$, 'replayReset');
      emulator.faults.resetOrg();
      emulator.org.create('Account', { Name: 'after' });
      expect(await told).to.include({ policy: 'earliest' });
      await until(() => ids.length === 2);
      expect(ids[1]).to.equal(emulator.log('/data/AccountChangeEvent')[0]?.id);
      client.close();
    }));
});

/** A process that handled an event, committed it and ended. */
async function handledOne(emulator: Emulator): Promise<{ store: ReplayStore; replayId: ReplayId }> {
  const store = memoryReplayStore();
  const client = clientOf(emulator);
  emulator.org.create('Account', { Name: 'before' });
  const committed = nextStatus(client.status$, 'committed');
  client.changes('Account', { replay: { from: 'earliest', store } }).subscribe(() => undefined);
  const { position } = await committed;
  await client.drain();
  return { store, replayId: position as ReplayId };
}

/** Subscribes until an event or an error came. */
async function subscribed(
  emulator: Emulator,
  store: ReplayStore,
  onInvalid: 'fail' | 'earliest' | 'latest',
  onLive: () => void = () => undefined,
) {
  const warnings: string[] = [];
  const client = clientOf(emulator, { logger: { warn: (message) => warnings.push(message) } });
  const statuses: Status[] = [];
  const ids: string[] = [];
  const errors: RxforceError[] = [];
  client.status$.subscribe((status) => statuses.push(status));
  client.changes('Account', { replay: { store, onInvalid } }).subscribe({
    next: ({ id }) => ids.push(id),
    error: (error: unknown) => errors.push(error as RxforceError),
  });
  if (onInvalid === 'latest') {
    // The tip is where the stream is when the server has read its second request.
    await until(() => emulator.subscriptions().some(({ pending }) => pending > 0) && resets(statuses).length > 0);
    onLive();
  }
  await until(() => ids.length + errors.length > 0);
  await client.drain();
  return { ids, errors, statuses, warnings };
}

function resets(statuses: readonly Status[]) {
  return statuses.flatMap((status) =>
    status.type === 'replayReset' ? [{ from: status.from?.toString(), policy: status.policy }] : [],
  );
}
