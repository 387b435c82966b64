/**
 * Many subscriptions of our client in one process: how much the heap grows for each, once garbage is gone.
 *
 * @packageDocumentation
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { handle } from '@rxforce/operators';
import { EMPTY, NEVER, tap } from 'rxjs';
import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ClientParameters, ClientResult } from '../processes/messages.js';
import type { TopicName } from '../server/topics.js';
import { fail, rssMb } from './process-figures.js';
import { rxforceClient } from './rxforce-client.js';

/** What else it is told. */
interface Parameters extends ClientParameters {
  readonly subscriptions: number;
  readonly topic: TopicName;
  /** Events that each subscription receives from that topic. */
  readonly eventsEach: number;
  /** Whether the handler never finishes an event, so that each subscription holds them all. */
  readonly holding: boolean;
}

const BYTES_PER_KB = 1024;
/** Before the ones that are measured. They connect, fetch the schema, and have the code compiled. */
const EARLIER_SUBSCRIPTIONS = 20;

const { subscriptions, topic, eventsEach, holding, ...address } = parameters<Parameters>();
const client = rxforceClient(address);
let received = 0;
let requested = 0;

client.status$.subscribe(({ type }) => {
  if (type === 'requested') requested++;
});

/** Subscribes, and waits until all have asked for events, and have received what there is. */
async function subscribe(count: number): Promise<void> {
  const expected = { received: received + count * eventsEach, requested: requested + count };
  for (let index = 0; index < count; index++) {
    client
      .changes(topic, { replay: 'earliest' })
      .pipe(
        tap(() => received++),
        handle(() => (holding ? NEVER : EMPTY)),
      )
      .subscribe({ error: fail });
  }
  while (received < expected.received || requested < expected.requested) await sleep(20);
}

/** What the heap has now that garbage is gone, with the buffers outside it. */
async function heapBytes(): Promise<number> {
  if (!global.gc) throw new Error('Run this with --expose-gc.');
  for (let times = 0; times < 3; times++) {
    await sleep(100);
    global.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

endWithParent();
await subscribe(EARLIER_SUBSCRIPTIONS);
const before = await heapBytes();
await subscribe(subscriptions);
const after = await heapBytes();
const result: ClientResult = { heapKb: (after - before) / subscriptions / BYTES_PER_KB, rssMb: rssMb() };
tellParent(result, () => process.exit());
