import { expect } from 'chai';
import { of } from 'rxjs';
import { memoryReplayStore, type ReplayStore } from '@rxforce/core';
import { deferred } from '../../../core/test/support/fake-store.js';
import { promises, SteppedTime } from '../../../core/test/support/stepped-time.js';
import { NO_STATE, type SnapshotState } from './snapshot-state.js';
import { stateKey, StateKeeper } from './state-keeper.js';

const KEY = { organizationId: '00D', topic: '/data/X', name: 'x:snapshot' };
const quiet = { logger: { warn: () => undefined }, scheduler: new SteppedTime() };
const state = (phase: SnapshotState['phase']): SnapshotState => ({ ...NO_STATE, phase, startedAt: 0 });

describe('stateKey', () => {
  for (const tenantId of ['core/prod/00D5500000CFOyTEAX', '00D5500000CFOyTEAX', '00D5500000CFOyT']) {
    it(`tells orgs apart by their ids, as in ${tenantId}`, async () => {
      const topic = { topic: '/data/X', tenantId, canPublish: false, canSubscribe: true, schemaId: undefined };
      const key = await stateKey({ topic: () => of(topic) }, { topic: 'X', name: 'x' }, quiet);
      expect(key).to.deep.equal({ ...KEY, organizationId: '00D5500000CFOyT' });
    });
  }
});

describe('StateKeeper', () => {
  it('saves in order, when a save that was given up is still under way in the store', async () => {
    const inner = memoryReplayStore();
    const first = deferred<undefined>();
    let calls = 0;
    let open = 0;
    let mostOpen = 0;
    const store: ReplayStore = {
      ...inner,
      save: async (...given) => {
        mostOpen = Math.max(mostOpen, ++open);
        if (calls++ === 0) await first.promise;
        await inner.save(...given);
        open--;
      },
    };
    const keeper = new StateKeeper({
      store,
      key: KEY,
      logger: { warn: () => undefined },
      scheduler: new SteppedTime(),
    });
    const given = keeper.save(state('reading')).catch((error: unknown) => error);
    await promises();
    keeper.drop();
    const lost = keeper.save(state('lost'));
    await promises();
    expect([await given.then((error) => error instanceof Error), calls]).to.deep.equal([true, 1]);
    first.resolve(undefined);
    await lost;
    expect(mostOpen).to.equal(1);
    expect(await keeper.load()).to.include({ phase: 'lost' });
  });
});
