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
const plan = (topic: string, org?: string) => ({ topic, org, name: 'default' });

describe('The health of a run', () => {
  const healthOf = (clients: readonly [NamedClient, ...NamedClient[]], plans: ReturnType<typeof plan>[], role?: Role) =>
    runHealth({
      ...{ clients, plans, role, isOpen: () => true, metrics: {} as never },
      heldUpBy: ({ org, topic }) => `${topic} of ${org ?? 'the org'} waits.`,
    });

  it('has the topics that are not subscribed to, of each org by itself', () => {
    const clients = [clientOf('emea', known('/data/A'), known('/data/B')), clientOf('amer', known('/data/A'))] as const;
    const plans = [plan('/data/A', 'emea'), plan('/data/B', 'emea'), plan('/data/A', 'amer'), plan('/data/B', 'amer')];
    expect(healthOf([...clients], plans).unsubscribed()).to.deep.equal(['/data/B']);
    expect(healthOf([clientOf(undefined)], [plan('/data/A')]).unsubscribed()).to.deep.equal(['/data/A']);
  });

  it('needs neither a login nor a subscription of a worker, which may have no partition', () => {
    const health = healthOf([clientOf(undefined)], [plan('/data/A')], 'worker');
    expect([health.needsLogin, health.unsubscribed()]).to.deep.equal([false, []]);
  });

  it('has each sentence about a sink once, and none on standby, as the events are read elsewhere', () => {
    const partitions = [known('/data/A'), known('/data/A'), known('/data/B', 'standby')];
    const health = healthOf([clientOf(undefined, ...partitions), clientOf('amer', known('/data/A'))], []);
    expect(health.sinks()).to.deep.equal(['/data/A of the org waits.', '/data/A of amer waits.']);
  });
});
