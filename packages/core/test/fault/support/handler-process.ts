/**
 * A process that handles events into a file, a line each, and keeps its position in a folder, or has the service keep
 * it: what a user would run. It writes a byte to stdout for each event handled, so that the test can kill it at any of
 * them.
 */
import { writeSync } from 'node:fs';
import { clientCredentials, createClient, fileReplayStore } from '@rxforce/core';
import { appendLines } from '../../../../../test/support/appended-lines.js';
import { keep } from '../../support/keep.js';
import { seeded } from './seeded.js';

/** What the process is told, as JSON in its first argument. */
export interface HandlerJob {
  readonly endpoint: string;
  readonly ca: string;
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the position is kept, unless it is the service that keeps it. */
  readonly replayFolder?: string;
  /** The developer name of a managed subscription to the changes of Account, to be read instead of the topic. */
  readonly managed?: string;
  readonly outputFile: string;
  readonly window: number;
  /**
   * `sync`: handles each event within the call. `async`: in a later turn, several at a time. With a seed: after a
   * while, in an order by chance. `diesAt`: throws at this event.
   */
  readonly handler: 'sync' | 'async' | { readonly seed: number } | { readonly diesAt: number };
}

const job = JSON.parse(process.argv[2] ?? '') as HandlerJob;
const client = createClient({
  auth: clientCredentials({ loginUrl: job.loginUrl, clientId: job.clientId, clientSecret: job.clientSecret }),
  endpoint: job.endpoint,
  tls: { ca: job.ca },
});
const { handler } = job;
const diesAt = typeof handler === 'object' && 'diesAt' in handler ? handler.diesAt : undefined;
const seed = typeof handler === 'object' && 'seed' in handler ? handler.seed : undefined;
let handled = 0;
const handle = ({ id }: { id: string }) => {
  handled++;
  if (handled === diesAt) throw new Error(`died at ${id}`);
  appendLines(job.outputFile, [id]);
  writeSync(1, '.');
};
const { window } = job;
const changes =
  job.managed === undefined
    ? client.changes('Account', {
        replay: { from: 'earliest', store: fileReplayStore(job.replayFolder ?? ''), commitIntervalMs: 5 },
        window,
      })
    : client.managed(job.managed, { topic: '/data/AccountChangeEvent', commitIntervalMs: 5, window });
if (handler === 'async' || seed !== undefined) {
  const later = seed === undefined ? setImmediate : scattered(seed);
  changes
    .pipe(
      keep((event, held) =>
        later(() => {
          handle(event);
          held.release();
        }),
      ),
    )
    .subscribe();
} else {
  changes.subscribe(handle);
}

function scattered(seed: number): (work: () => void) => unknown {
  const random = seeded(seed);
  return (work) => setTimeout(work, random.next() * 20);
}
