/**
 * A process with several pipelines, each with a client and a position of its own, as users would run them one by one.
 * An error of one does not end the others: it is noted, as all that happens is.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { config, isObservable } from 'rxjs';
import { createClient, staticSession } from '@rxforce/core';
import { note } from './journal.js';
import { parentStore } from './parent-store.js';
import { PIPELINES } from './pipelines/index.js';
import { TurnClock } from './turn-clock.js';
import { workOf } from './work-of.js';

/** What the process is told, as JSON in its first argument. */
export interface ProcessJob {
  readonly endpoint: string;
  readonly session: { readonly accessToken: string; readonly instanceUrl: string; readonly organizationId: string };
  /** The pipelines that it runs, and their managed subscriptions, where they have one. */
  readonly pipelines: Readonly<Record<string, string | null>>;
  /** Where they go on, unless the service keeps that. */
  readonly positions: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Some of the events after this number take longer to save than the process lives. */
  readonly stuckAfter: number | null;
}

/** So much passes in a turn: the library's 10 s are 500 of them. */
const TURN_MS = 20;
/** Soon, so that a loss shows. */
const COMMIT_INTERVAL_MS = TURN_MS;
/** How often the parent is told how much has passed. */
const TOLD_EVERY_MS = 100;
/** Small, so that it fills within a life. */
const WINDOW = 20;

const job = JSON.parse(process.argv[2] ?? '') as ProcessJob;
const current = new AsyncLocalStorage<string>();
const clock = new TurnClock(TURN_MS);

function noteError(pipeline: string, error: unknown): void {
  const { code, name, message } = error as Error & { readonly code?: string };
  note({ type: 'error', pipeline, code: code ?? name, message });
}

// What reaches nobody would end the process. Each client's connection is made where its pipeline is.
const noteUncaught = (error: unknown) => noteError(current.getStore() ?? 'unknown', error);
config.onUnhandledError = noteUncaught;
process.on('uncaughtException', noteUncaught).on('unhandledRejection', noteUncaught);

function start(pipeline: string, managed: string | null): void {
  const { build, kept } = PIPELINES.get(pipeline)!;
  const client = createClient({
    auth: staticSession(job.session),
    endpoint: job.endpoint,
    insecure: true,
    scheduler: clock,
    channelOptions: { 'grpc.use_local_subchannel_pool': 1 },
    logger: { warn: (message) => note({ type: 'warning', pipeline, message }) },
  });
  const store = {
    store: parentStore(pipeline, job.positions[pipeline]),
    name: pipeline,
    commitIntervalMs: COMMIT_INTERVAL_MS,
  };
  const changes$ =
    managed === null
      ? client.changes('Account', {
          replay: { from: 'earliest', ...(kept === 'in a store' && store) },
          window: WINDOW,
        })
      : client.managed(managed, {
          topic: '/data/AccountChangeEvent',
          window: WINDOW,
          commitIntervalMs: COMMIT_INTERVAL_MS,
        });
  const ends = {
    error: (error: unknown) => noteError(pipeline, error),
    complete: () => note({ type: 'completed', pipeline }),
  };
  const made = build(workOf({ pipeline, client, changes$: changes$ as never, ends, ...job }));
  if (isObservable(made)) made.subscribe(ends);
  else void made?.then(ends.complete, ends.error);
}

for (const [pipeline, managed] of Object.entries(job.pipelines)) current.run(pipeline, () => start(pipeline, managed));

void (async () => {
  for (;;) {
    await clock.turn();
    if (clock.passedMs % TOLD_EVERY_MS === 0) note({ type: 'passed', ms: clock.passedMs });
  }
})();
