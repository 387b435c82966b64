import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import { ACCOUNT_SCHEMA_ID, accountPayloads, type AccountEvents } from './account-payloads.js';
import { EventRing } from './event-ring.js';
import { Feed } from './feed.js';
import { LAST_COMMIT_NUMBER, LAST_SMALL_COMMIT_NUMBER, PACE, RING_SIZE, TOPICS } from './topics.js';

interface FetchRequest {
  readonly topicName: string;
  readonly numRequested: number;
}

/** What a topic has. */
interface Served {
  readonly ring: EventRing;
  readonly limit: number;
  readonly pace: number;
}

const ringOf = (events: Partial<AccountEvents> = {}) =>
  new EventRing(
    accountPayloads({ count: RING_SIZE, lastCommitNumber: LAST_COMMIT_NUMBER, ...events }),
    ACCOUNT_SCHEMA_ID,
  );

const accounts = ringOf();
const limited = (limit: number): Served => ({ ring: accounts, limit, pace: Infinity });

const SERVED = new Map<string, Served>([
  [TOPICS.account, limited(Infinity)],
  [TOPICS.smallNumbers, { ...limited(Infinity), ring: ringOf({ lastCommitNumber: LAST_SMALL_COMMIT_NUMBER }) }],
  [TOPICS.paced, { ring: ringOf({ stamped: true }), limit: Infinity, pace: PACE }],
  [TOPICS.silent, limited(0)],
  [TOPICS.hundred, limited(100)],
  [TOPICS.window, limited(200)],
]);

/**
 * Serves Subscribe.
 *
 * @param delayMs - How much longer a round trip takes than the machine needs. The whole delay is spent on the request's
 * way in: it makes no difference to the client.
 */
export function serveSubscribe(call: ServerDuplexStream<FetchRequest, Buffer>, delayMs: number): void {
  let feed: Feed | undefined;
  const refuse = (details: string) => void call.emit('error', { code: status.INVALID_ARGUMENT, details });
  const request = ({ topicName, numRequested }: FetchRequest) => {
    if (call.cancelled) return;
    const served = SERVED.get(topicName);
    if (served) feed ??= new Feed({ ...served, send: (response) => call.write(response) });
    if (feed === undefined || numRequested < 1) refuse('Unknown topic, or nothing requested.');
    else feed.request(numRequested);
  };
  call.on('error', () => undefined);
  call.on('end', () => call.end());
  call.on('cancelled', () => feed?.stop());
  call.on('data', (message: FetchRequest) => {
    if (delayMs > 0) setTimeout(request, delayMs, message);
    else request(message);
  });
}
