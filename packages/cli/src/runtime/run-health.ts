import type { SubscriptionState } from '@rxforce/core';
import type { HeldUpBy } from '@rxforce/live-page';
import type { Health } from './health-server.js';
import type { NamedClients } from './named-clients.js';
import { stateOfAll } from './open-orgs.js';
import type { Role } from './scale-out.js';

/** What the probes of a run look at. */
export interface RunHealthContext extends Pick<Health, 'isOpen' | 'unsubscribed' | 'metrics'> {
  /** Whose streams are read. */
  readonly clients: NamedClients;
  readonly role: Role | undefined;
  readonly heldUpBy: HeldUpBy;
}

/** What the probes of a run are answered from. */
export function runHealth({ clients, role, heldUpBy, ...given }: RunHealthContext): Health {
  const streams = clients.map(({ client }) => client);
  const sinks = () => {
    const sentences = clients.flatMap(({ client, of }) =>
      client.state().subscriptions.flatMap((each) => sentenceOf(of.org, each, heldUpBy) ?? []),
    );
    return [...new Set(sentences)];
  };
  // A worker logs in only where its sink or pipeline asks the org.
  return { ...given, sinks, needsLogin: role !== 'worker', state: () => stateOfAll(streams) };
}

/** What holds a subscription up. On standby, its events are another replica's. */
function sentenceOf(
  org: string | undefined,
  { state, topic, name }: SubscriptionState,
  heldUpBy: HeldUpBy,
): string | undefined {
  return state === 'standby' ? undefined : heldUpBy({ org: org ?? null, topic, name: name ?? null });
}
