import type { PrometheusMetrics } from '@rxforce/core/telemetry';
import type { SubscriptionState } from '@rxforce/core';
import type { HeldUpBy } from '@rxforce/live-page';
import type { Health } from './health-server.js';
import type { NamedClients } from './named-clients.js';
import { stateOfAll } from './open-orgs.js';
import type { Role } from './scale-out.js';
import type { TopicPlan } from './topic-plan.js';

/** What the probes of a run look at. */
export interface RunHealthContext {
  /** Whose streams are read. */
  readonly clients: NamedClients;
  /** The topics of the orgs that are read. */
  readonly plans: readonly Pick<TopicPlan, 'org' | 'topic' | 'name'>[];
  readonly role: Role | undefined;
  readonly isOpen: () => boolean;
  readonly heldUpBy: HeldUpBy;
  readonly metrics: Pick<PrometheusMetrics, 'contentType' | 'text'>;
}

/** What the probes of a run are answered from. */
export function runHealth({ clients, plans, role, isOpen, heldUpBy, metrics }: RunHealthContext): Health {
  const streams = clients.map(({ client }) => client);
  const all = () =>
    clients.flatMap(({ client, of }) => client.state().subscriptions.map((each) => [of.org, each] as const));
  const unsubscribed = () => {
    const known = new Set(all().map(([org, { topic, name }]) => keyOf(org, topic, name)));
    return plans.filter(({ org, topic, name }) => !known.has(keyOf(org, topic, name))).map(({ topic }) => topic);
  };
  const sinks = () => [...new Set(all().flatMap(([org, each]) => sentenceOf(org, each, heldUpBy) ?? []))];
  // A worker logs in only where its sink or pipeline asks the org, and may have no partition to subscribe to.
  const isWorker = role === 'worker';
  return {
    ...{ isOpen, sinks, metrics, needsLogin: !isWorker, unsubscribed: isWorker ? () => [] : unsubscribed },
    state: () => stateOfAll(streams),
  };
}

function keyOf(...names: readonly (string | undefined)[]): string {
  return JSON.stringify(names.map((name) => name ?? null));
}

/** What holds a subscription up. On standby, its events are another replica's. */
function sentenceOf(
  org: string | undefined,
  { state, topic, name }: SubscriptionState,
  heldUpBy: HeldUpBy,
): string | undefined {
  return state === 'standby' ? undefined : heldUpBy({ org: org ?? null, topic, name: name ?? null });
}
