import { expect } from 'chai';
import { memoryReplayStore } from '../stores/memory-replay-store.js';
import type { ResolvedManaged } from '../position/managed-name.js';
import { resolveReplay } from '../position/replay-options.js';
import { keptByClient, keptByService } from './position-keeper.js';
import type { ManagedStreamContext } from './stream-context.js';

const client = () => ({ transport: {} }) as ManagedStreamContext;
const store = memoryReplayStore();
const kept = (context: ManagedStreamContext, topic: string, replay: Parameters<typeof resolveReplay>[0]) =>
  keptByClient(context, topic, { replay: resolveReplay(replay), maxAttempts: 1 });

describe('The keeper of a position', () => {
  it('has one memory for all Observables of a position, so that a subscription knows what the one before left', () => {
    const context = client();
    const one = kept(context, '/data/X', { store, name: 'crm' });
    expect(kept(context, '/data/X', { store, name: 'crm' }).memory).to.equal(one.memory);
    expect(kept(context, '/data/X', { store, name: 'other' }).memory).not.to.equal(one.memory);
    expect(kept(context, '/data/Y', { store, name: 'crm' }).memory).not.to.equal(one.memory);
    expect(kept(context, '/data/X', { store: memoryReplayStore(), name: 'crm' }).memory).not.to.equal(one.memory);
    expect(kept(client(), '/data/X', { store, name: 'crm' }).memory).not.to.equal(one.memory);
  });

  it('has a memory for each Observable, when there is no store', () => {
    const context = client();
    expect(kept(context, '/data/X', 'latest').memory).not.to.equal(kept(context, '/data/X', 'latest').memory);
  });

  it('has one memory for all Observables of a managed subscription', () => {
    const context = client();
    const managed = { name: { developerName: 'Sync' }, topic: undefined } as unknown as ResolvedManaged;
    expect(keptByService(context, 'Sync', managed).memory).to.equal(keptByService(context, 'Sync', managed).memory);
    expect(keptByService(context, 'Else', managed).memory).not.to.equal(keptByService(context, 'Sync', managed).memory);
  });
});
