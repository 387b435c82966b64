import type { ClientState, SubscriptionState } from '@rxforce/core';
import { expect } from 'chai';
import type { NamedClient } from './named-clients.js';
import { runHealth } from './run-health.js';
import type { Role } from './scale-out.js';

type Known = Pick<SubscriptionState, 'topic' | 'name' | 'state'>;

const clientOf = (org: string | undefined, ...subscriptions: readonly Known[]) => {
  const state = (): ClientState => ({
    ...{ at: 0, state: 'open', login: undefined, apiUsage: undefined },
    subscriptions: subscriptions as readonly SubscriptionState[],
  });
  return { client: { state }, of: org === undefined ? {} : { org } } as unknown as NamedClient;
};
const known = (topic: string, state: SubscriptionState['state'] = 'live'): Known => ({ topic, state, name: 'default' });

describe('The health of a run', () => {
  const healthOf = (clients: readonly [NamedClient, ...NamedClient[]], role?: Role) =>
    runHealth({
      ...{ clients, role, isOpen: () => true, unsubscribed: () => [], metrics: {} as never },
      heldUpBy: ({ org, topic }) => `${topic} of ${org ?? 'the org'} waits.`,
    });

  it('needs a login, but of a worker', () => {
    const of = (role?: Role) => healthOf([clientOf(undefined)], role).needsLogin;
    expect([of(), of('reader'), of('worker')]).to.deep.equal([true, true, false]);
  });

  it('has each sentence about a sink once, and none on standby, as the events are read elsewhere', () => {
    const partitions = [known('/data/A'), known('/data/A'), known('/data/B', 'standby')];
    const health = healthOf([clientOf(undefined, ...partitions), clientOf('amer', known('/data/A'))]);
    expect(health.sinks()).to.deep.equal(['/data/A of the org waits.', '/data/A of amer waits.']);
  });
});
