import { randomUUID } from 'node:crypto';
import type { HeldLease, Lease, PositionKey } from '@rxforce/core';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { LeaseError, type Result } from '@rxforce/core/model';
import { Bucket } from './bucket.js';
import { JetStreamConnection, type JetStreamOptions, type NatsSource } from './jet-stream-connection.js';
import { checkedName } from './names.js';
import type { NatsFailure } from './nats-failure.js';
import { positionKey } from './position-names.js';

/** How a `jetStreamLease` is held. */
export interface JetStreamLeaseOptions extends JetStreamOptions {
  /**
   * How long the lease lasts without renewal, in milliseconds, from 100. After this time, another replica may take over
   * from one that died or hangs. All leases of one bucket have the same.
   *
   * @defaultValue 10_000
   */
  readonly ttlMs?: number;
  /**
   * Longest wait for an answer of JetStream, in milliseconds, from 1; then the call fails.
   *
   * @defaultValue a third of `ttlMs`, so that there is time for another try, and 5_000 at most
   */
  readonly timeoutMs?: number;
  /**
   * Distinguishes several leases of one subscription. All of its replicas must give the same name: two names are two
   * leases, and then two replicas read.
   *
   * @defaultValue the one lease of the subscription
   */
  readonly name?: string;
  /**
   * The bucket of the leases. Two buckets are two leases. Letters, digits, `_` and `-`.
   *
   * @defaultValue `'rxforce-leases'`: the prefix, and `-leases`
   */
  readonly bucket?: string;
}

/** Leases on JetStream. */
export interface JetStreamLease extends Lease {
  /** Whether their bucket is there. Unlike `acquire()`, it makes none. */
  isThere(): Promise<boolean>;
}

/**
 * Makes a subscription active on one replica at a time. It uses a key in a bucket of JetStream, which drops keys that
 * are not written again for `ttlMs`.
 *
 * - Fencing: the token is the revision of the key when it was made, which grows with each write in the bucket, after
 *   the time at which the bucket was made. So it also grows when the bucket was deleted.
 * - One at a time: a key is made where none is, and renewed where it has the revision that its holder wrote. Whatever
 *   comes late is refused. This holds as long as JetStream loses no data: give `replicas: 3`.
 * - Time: only JetStream measures it. The clocks of the replicas do not matter.
 *
 * @param connection - What `connect()` of `@nats-io/transport-node` resolves with, or a function that connects. The
 * caller closes it.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function jetStreamLease(connection: NatsSource, options: JetStreamLeaseOptions = {}): JetStreamLease {
  const ttlMs = wholeNumber('ttlMs', options.ttlMs ?? 10_000, 100, LONGEST_TIMER_MS);
  const timeoutMs = options.timeoutMs ?? Math.min(5_000, Math.ceil(ttlMs / 3));
  const jetStream = new JetStreamConnection(connection, { ...options, timeoutMs });
  const { bucket = `${jetStream.prefix}-leases` } = options;
  const leases = new Bucket(jetStream, { name: checkedName('bucket', bucket), ttlMs });
  return {
    ttlMs,
    acquire: (key) => acquire(leases, key, options.name),
    isThere: async () => {
      const answer = await leases.isThere();
      if (answer.ok) return answer.val;
      throw failureOf('Looking for leases on JetStream', answer.val);
    },
  };
}

async function acquire(leases: Bucket, key: PositionKey, name: string | undefined): Promise<HeldLease | undefined> {
  const place = positionKey(key, name);
  const found = valueOf('Acquiring', key, await leases.get(place));
  if (found.value !== undefined) return undefined;
  const madeAt = valueOf('Acquiring', key, await leases.madeAt());
  // A new owner each time the lease is held: late calls of an earlier holder in this process must not count.
  const owner = randomUUID();
  const made = await leases.put(place, owner, found.revision);
  if (made.err && made.val.kind === 'conflict') return undefined;
  const revision = valueOf('Acquiring', key, made);
  return new LeaseOnJetStream(leases, key, { place, owner }, revision, tokenOf(madeAt, revision));
}

/** How many writes of a bucket count less than a second of its age. No bucket has as many a second. */
const WRITES_A_SECOND = 2 ** 20;

/** Revisions begin anew with each bucket: the time at which it was made counts first. */
function tokenOf(madeAt: number, revision: number): number {
  return Math.floor(madeAt / 1_000) * WRITES_A_SECOND + revision;
}

/** A lease, as long as it is held. */
class LeaseOnJetStream implements HeldLease {
  constructor(
    private readonly leases: Bucket,
    private readonly key: PositionKey,
    private readonly of: { readonly place: string; readonly owner: string },
    /** The revision that this holder wrote last. */
    private revision: number,
    readonly token: number,
  ) {}

  async renew(): Promise<boolean> {
    const { place, owner } = this.of;
    const renewed = await this.asOwner((revision) => this.leases.put(place, owner, revision));
    const revision = valueOf('Renewing', this.key, renewed);
    if (revision !== undefined) this.revision = revision;
    return revision !== undefined;
  }

  /** Where JetStream cannot be reached, the lease expires by itself. */
  async release(): Promise<void> {
    await this.asOwner((revision) => this.leases.delete(this.of.place, revision));
  }

  /** Writes the key, also where the answer to an earlier write was lost. `undefined` where the lease is lost. */
  private async asOwner<T>(
    write: (revision: number) => Promise<Result<T, NatsFailure>>,
  ): Promise<Result<T | undefined, NatsFailure>> {
    const written = await write(this.revision);
    if (written.ok || written.val.kind !== 'conflict') return written;
    const found = await this.leases.get(this.of.place);
    if (found.err) return found;
    if (found.val.value !== this.of.owner) return found.map(() => undefined);
    this.revision = found.val.revision;
    const again = await write(this.revision);
    return again.err && again.val.kind === 'conflict' ? found.map(() => undefined) : again;
  }
}

function valueOf<T>(what: string, { topic, name }: PositionKey, answer: Result<T, NatsFailure>): T {
  if (answer.ok) return answer.val;
  throw failureOf(`${what} the lease of "${name}" of ${topic} on JetStream`, answer.val, { topic });
}

function failureOf(what: string, { reason, retriable, cause }: NatsFailure, of: { readonly topic?: string } = {}) {
  return new LeaseError(`${what} failed: ${reason}`, { ...of, retriable, cause });
}
