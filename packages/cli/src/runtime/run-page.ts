import type { Logger } from '@rxforce/core/model';
import type { LiveParts, LiveQueue } from '@rxforce/live-page';
import { isLoopback } from '@rxforce/live-page/page';
import type { HttpSettings } from '../config/settings/http.js';
import type { Sink, SinkEvent } from '../sinks/sink.js';
import type { OpenOrg } from './open-org.js';
import type { Storage } from './storage.js';
import type { TopicPlan } from './topic-plan.js';
import { writeAgain } from './write-again.js';

/** What the page of a run shows. */
export interface RunPageContext {
  readonly org: Pick<OpenOrg, 'client' | 'organizationId'>;
  readonly plans: readonly TopicPlan[];
  readonly storage: Storage;
  readonly logger: Logger;
  /** The sink of a name; `undefined` while it is not open. */
  readonly sinkOf: (name: string) => Sink | undefined;
}

/** Whether the page is served. Where everybody could look, it is served only to those who know a token. */
export function isPageServed({ host, ui }: HttpSettings): boolean {
  return ui.enabled ?? (isLoopback(host) || ui.token !== undefined);
}

/** The live page of a run, without a server. */
export async function runPage({ ui }: HttpSettings, context: RunPageContext): Promise<LiveParts> {
  const { org, plans, storage, logger } = context;
  const { liveParts } = await import('@rxforce/live-page');
  const of = plans.map(({ topic, name }) => ({ topic, name }));
  const { store } = storage;
  return liveParts(org.client, {
    ...{ actions: ui.actions, values: ui.values, logger },
    deadLetters: Object.fromEntries(plans.map((plan) => [plan.label, queueOf(plan, context)])),
    ...(store && { positions: { store, organizationId: org.organizationId, of } }),
  });
}

/** Letters are written to the sink of their topic as they were, as `rxforce dlq redrive` does. */
function queueOf(plan: TopicPlan, { storage, sinkOf }: RunPageContext): LiveQueue {
  const queue = storage.deadLetters(plan);
  const { sink: name } = plan;
  if (name === undefined) return { queue };
  const redrive = (value: unknown) => {
    const sink = sinkOf(name);
    if (sink === undefined) throw new Error(`The sink ${name} is not open yet.`);
    return writeAgain(sink, value as SinkEvent);
  };
  return { queue, redrive };
}
