import { randomBytes } from 'node:crypto';
import type { PositionKey, ReplayStore, StreamPosition } from '@rxforce/core';
import { checkFence, outdatedFence, storeCallFailed } from '@rxforce/core/internal';
import { ReplayId, type Result } from '@rxforce/core/model';
import { Bucket } from './bucket.js';
import { JetStreamConnection, type JetStreamOptions, type NatsSource } from './jet-stream-connection.js';
import type { NatsFailure } from './nats-failure.js';
import { keyInPlace, positionKey, positionPattern } from './position-names.js';
import { formatPosition, parsePosition, type StoredPosition } from './position-value.js';
import { damaged, listFailure, storeFailure, taken } from './replay-store-errors.js';

/** How a `jetStreamReplayStore` keeps positions. */
export type JetStreamReplayStoreOptions = JetStreamOptions;

/** Positions on JetStream. */
export interface JetStreamReplayStore extends ReplayStore {
  /** Whether their bucket is there. Unlike all other calls, it makes none. */
  isThere(): Promise<boolean>;
}

/** What a key had when it was read or written last. */
interface Known {
  readonly revision: number;
  /** `undefined` where nothing is there. */
  readonly stored: StoredPosition | undefined;
}

/** How often a save looks again at what is there. */
const TRIES = 5;

/**
 * Keeps positions in a bucket of JetStream, so that they outlive the machine, and replicas can share them.
 *
 * **Positions are as durable as JetStream is**: give `replicas: 3`, and read in the README about `sync_interval`.
 *
 * - Saving: one message, which is refused where another process has saved since. A position that was saved with a
 *   larger fencing token is never overwritten.
 * - No locks: a second process without a lease is noticed when the first one saves, and that one errors with
 *   `position-in-use`. Replicas need a `jetStreamLease()`.
 * - JetStream away, or silent: every call rejects after `timeoutMs`; the error is retriable if the failure may be
 *   temporary.
 * - Memory: one position for each subscription.
 *
 * @param connection - What `connect()` of `@nats-io/transport-node` resolves with, or a function that connects. The
 * caller closes it.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function jetStreamReplayStore(
  connection: NatsSource,
  options: JetStreamReplayStoreOptions = {},
): JetStreamReplayStore {
  const store = new StoreOnJetStream(new JetStreamConnection(connection, options));
  return {
    load: (key) => store.load(key),
    save: (key, position, fence) => store.save(key, position, fence),
    list: (of) => store.list(of),
    delete: (key) => store.delete(key),
    isThere: () => store.isThere(),
  };
}

class StoreOnJetStream {
  private readonly positions: Bucket;
  private readonly known = new Map<string, Known>();
  /** Tells what this store has written from what others have. */
  private readonly writer = randomBytes(6).toString('base64url');

  constructor(connection: JetStreamConnection) {
    this.positions = new Bucket(connection, { name: `${connection.prefix}-positions` });
  }

  async load(key: PositionKey): Promise<StreamPosition | undefined> {
    const { stored } = await this.read(`Reading the position "${key.name}"`, key);
    return stored && copyOf(stored.position);
  }

  async save(key: PositionKey, position: StreamPosition, fence?: number): Promise<void> {
    checkFence(key, fence);
    const what = `Saving the position "${key.name}"`;
    const place = positionKey(key);
    const saved = copyOf(position);
    let known = this.known.get(place) ?? (await this.read(what, key));
    for (let attempt = 1; ; attempt++) {
      const seen = known.stored?.fence ?? 0;
      if (fence !== undefined && fence < seen) throw outdatedFence(key, fence);
      const stored = { position: saved, fence: fence ?? seen, writer: this.writer };
      const written = await this.positions.put(place, formatPosition(stored), known.revision);
      if (written.ok) {
        this.known.set(place, { revision: written.val, stored });
        return;
      }
      this.known.delete(place);
      if (written.val.kind !== 'conflict' || attempt === TRIES) throw storeFailure(what, key, written.val);
      known = await this.readAfterConflict(what, key, known, fence);
    }
  }

  async list(of: Partial<PositionKey> = {}): Promise<readonly PositionKey[]> {
    const places = await this.positions.keys(positionPattern(of));
    if (places.err) throw listFailure(places.val);
    const entries = await Promise.all(places.val.map((place) => this.positions.get(place)));
    return places.val.flatMap((place, index) => {
      const entry = entries[index];
      if (entry?.err) throw listFailure(entry.val);
      // One that was deleted may still have a mark there.
      return entry?.val.value === undefined ? [] : [keyInPlace(place)];
    });
  }

  async isThere(): Promise<boolean> {
    const answer = await this.positions.isThere();
    if (answer.err) throw storeCallFailed('Looking for positions on JetStream', answer.val);
    return answer.val;
  }

  async delete(key: PositionKey): Promise<void> {
    const place = positionKey(key);
    this.known.delete(place);
    valueOf(`Deleting the position "${key.name}"`, key, await this.positions.remove(place));
  }

  /** What has changed since: this store's own write, whose answer was lost, or that of another one. */
  private async readAfterConflict(what: string, key: PositionKey, before: Known, fence?: number): Promise<Known> {
    const now = await this.read(what, key);
    const isOther = now.stored !== undefined && now.stored.writer !== this.writer && now.revision > before.revision;
    // Under a lease, the tokens tell who may save.
    if (isOther && fence === undefined) throw taken(key);
    return now;
  }

  private async read(what: string, key: PositionKey): Promise<Known> {
    const place = positionKey(key);
    const { value, revision } = valueOf(what, key, await this.positions.get(place));
    const stored = value === undefined ? undefined : parsePosition(value);
    if (value !== undefined && stored === undefined) throw damaged(key, place);
    const known = { revision, stored };
    this.known.set(place, known);
    return known;
  }
}

function valueOf<T>(what: string, key: PositionKey, answer: Result<T, NatsFailure>): T {
  if (answer.err) throw storeFailure(what, key, answer.val);
  return answer.val;
}

/** A caller can change a Date, but not a replay id. */
function copyOf(position: StreamPosition): StreamPosition {
  return ReplayId.is(position) ? ReplayId.from(position) : new Date(position);
}
