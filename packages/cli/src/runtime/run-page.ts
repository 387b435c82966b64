import type { Logger } from '@rxforce/core/model';
import type { LogClient } from '@rxforce/core';
import type { DrainWork, HeldUpBy, LiveClients, LiveParts, LivePositions, LiveQueue } from '@rxforce/live-page';
import { isLoopback, type PageRoute } from '@rxforce/live-page/page';
import type { HttpSettings } from '../config/settings/http.js';
import { isOutage, type Sink, type SinkEvent } from '../sinks/sink.js';
import { clientInSettings } from './client-in-settings.js';
import { LetterFailures } from './letter-failures.js';
import type { OpenOrg } from './open-org.js';
import type { Storage } from './storage.js';
import type { TopicPlan } from './topic-plan.js';
import { writeAgain } from './write-again.js';

/** What the page of a run shows. */
export interface RunPageContext {
  /** By their names; the only one has none. */
  readonly orgs: ReadonlyMap<string | undefined, Pick<OpenOrg, 'client' | 'organizationId'>>;
  /** The client of the log that this process reads in place of an org. */
  readonly worker: LogClient | undefined;
  readonly plans: readonly TopicPlan[];
  /** Those whose positions are kept: for a reader, as it puts them into the log. */
  readonly positioned: readonly TopicPlan[];
  readonly storage: Storage;
  readonly logger: Logger;
  /** The sink of a topic; `undefined` while it is not open. */
  readonly sinkOf: (plan: TopicPlan) => Sink | undefined;
  /** Ends the run, as a signal does. */
  readonly drain: DrainWork;
  /** Says what holds the events of a subscription up beside its stream. */
  readonly heldUpBy: HeldUpBy;
}

/** Why the page is not served; `undefined` where it is. Where everybody could look, only those may who know a token. */
export function whyNoPage({ host, ui }: HttpSettings): string | undefined {
  if (ui.enabled === false) return 'http.ui.enabled is false.';
  if (ui.enabled === true || isLoopback(host) || ui.token !== undefined) return undefined;
  return `everybody who reaches ${host} could look. Set http.ui.token.`;
}

/** What answers in the place of the page, and says why. */
export function noPage(why: string): readonly PageRoute[] {
  const body = { error: `the live page is off: ${why}` };
  const handle = () => ({ type: 'json', status: 404, body }) as const;
  return ['/', '/api/state'].map((path) => ({ method: 'GET', path, access: 'open', handle }));
}

/** The live page of a run, without a server. */
export async function runPage({ ui }: HttpSettings, context: RunPageContext): Promise<LiveParts> {
  const { plans, logger, drain, heldUpBy } = context;
  const { liveParts } = await import('@rxforce/live-page');
  return liveParts(clientsOf(context), {
    ...{ actions: ui.actions, values: ui.values, logger, drain, heldUpBy },
    deadLetters: Object.fromEntries(plans.map((plan) => [plan.label, queueOf(plan, context)])),
    positions: positionsOf(context),
  });
}

function clientsOf({ orgs, worker }: RunPageContext): LiveClients {
  const only = worker ?? orgs.get(undefined)?.client;
  if (only) return clientInSettings(only);
  return Object.fromEntries([...orgs].map(([name, { client }]) => [name ?? '', clientInSettings(client)]));
}

/** The positions of a worker are those of partitions, which subscriptions report. */
function positionsOf({ orgs, worker, positioned, storage: { store } }: RunPageContext): readonly LivePositions[] {
  if (!store || worker) return [];
  return [...orgs].map(([name, { organizationId }]) => ({
    ...{ store, organizationId, ...(name !== undefined && { org: name }) },
    of: positioned.filter(({ org }) => org === name).map((plan) => ({ topic: plan.topic, name: plan.name })),
  }));
}

/** Letters are written to the sink of their topic as they were, and while it is there, as in `rxforce dlq redrive`. */
function queueOf(plan: TopicPlan, { storage, sinkOf, worker, orgs }: RunPageContext): LiveQueue {
  const queue = storage.deadLetters(plan);
  const { sink: name } = plan;
  const source = worker ?? orgs.get(plan.org)?.client;
  if (name === undefined || source === undefined) return { queue };
  let again: ReturnType<typeof writeAgain> | undefined;
  let failures = new LetterFailures(plan);
  // The page redrives the letters of a queue once at a time.
  const outages = () => {
    again = undefined;
    failures = new LetterFailures(plan);
    return { outage: isOutage, delays: (_attempt: number, error: unknown) => failures.waitAfter(error) };
  };
  const redrive = (value: unknown) => {
    const sink = sinkOf(plan);
    if (sink === undefined) throw new Error(`The sink ${name} is not open yet.`);
    again ??= writeAgain(sink, source, plan.org, failures);
    return again(value as SinkEvent);
  };
  return { queue, redrive, outages };
}
