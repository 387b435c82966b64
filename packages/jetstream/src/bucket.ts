import { Kvm, type KV } from '@nats-io/kv';
import { Err, Ok, type Result } from '@rxforce/core/model';
import type { JetStreamConnection } from './jet-stream-connection.js';
import { isNoStream, type NatsFailure } from './nats-failure.js';

/** What a bucket has under a key. */
export interface BucketEntry {
  /** `undefined` where the key was deleted. */
  readonly value: string | undefined;
  /** Grows with each write in the bucket. */
  readonly revision: number;
}

/** How a bucket is made. */
export interface BucketOptions {
  readonly name: string;
  /** How long a value is kept that is not written again, in milliseconds. Without it, for good. */
  readonly ttlMs?: number;
}

const NOTHING: BucketEntry = { value: undefined, revision: 0 };

/** A bucket of keys and values, which is made where it is not there. Its newest values are read from its leader. */
export class Bucket {
  private opened: KV | undefined;

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: BucketOptions,
  ) {}

  /** Whether the bucket is there. This alone makes none. */
  isThere(): Promise<Result<boolean, NatsFailure>> {
    return this.connection.call(({ jsm }) =>
      jsm.streams.info(this.stream).then(
        () => true,
        (error: unknown) => (isNoStream(error) ? false : Promise.reject(error as Error)),
      ),
    );
  }

  /** Reads a key. The revision is 0 where nothing is there. */
  get(key: string): Promise<Result<BucketEntry, NatsFailure>> {
    return this.call(async (kv) => {
      const entry = await kv.get(key);
      if (entry === null) return NOTHING;
      return { value: entry.operation === 'PUT' ? entry.string() : undefined, revision: entry.revision };
    });
  }

  /**
   * Writes a key, and tells the revision that it then has.
   *
   * @param revision - The one that the key must have, or the failure is a conflict. 0: nothing is there.
   */
  put(key: string, value: string, revision?: number): Promise<Result<number, NatsFailure>> {
    return this.call((kv) => kv.put(key, value, revision === undefined ? {} : { previousSeq: revision }));
  }

  /** When the bucket was made, in epoch milliseconds. Revisions begin anew with each bucket of a name. */
  async madeAt(): Promise<Result<number, NatsFailure>> {
    const opened = await this.ready();
    if (opened.err) return opened;
    const info = await this.connection.call(({ jsm }) => jsm.streams.info(this.stream));
    if (info.err && info.val.kind === 'missing') this.opened = undefined;
    return info.map(({ created }) => Date.parse(created));
  }

  /** Deletes a key, where it has this revision. */
  delete(key: string, revision: number): Promise<Result<void, NatsFailure>> {
    return this.call((kv) => kv.delete(key, { previousSeq: revision }));
  }

  /** Removes a key, and what marks that it was deleted. */
  async remove(key: string): Promise<Result<unknown, NatsFailure>> {
    const opened = await this.ready();
    if (opened.err) return opened;
    return this.connection.call(({ jsm }) => jsm.streams.purge(this.stream, { filter: this.subject(key) }));
  }

  /** The keys that are there, by a pattern of subjects. A key that was deleted, and not removed, is among them. */
  async keys(pattern: string): Promise<Result<readonly string[], NatsFailure>> {
    const opened = await this.ready();
    if (opened.err) return opened;
    const filter = this.subject(pattern);
    const info = await this.connection.call(({ jsm }) => jsm.streams.info(this.stream, { subjects_filter: filter }));
    return info.map(({ state: { subjects = {} } }) =>
      Object.keys(subjects).map((subject) => subject.slice(this.subject('').length)),
    );
  }

  private get stream(): string {
    return `KV_${this.options.name}`;
  }

  private subject(key: string): string {
    return `$KV.${this.options.name}.${key}`;
  }

  private async call<T>(make: (kv: KV) => Promise<T>): Promise<Result<T, NatsFailure>> {
    const opened = await this.ready();
    if (opened.err) return opened;
    const answer = await this.connection.call(() => make(opened.val));
    // Somebody has deleted the bucket: the next call makes it anew.
    if (answer.err && answer.val.kind === 'missing') this.opened = undefined;
    return answer;
  }

  private async ready(): Promise<Result<KV, NatsFailure>> {
    if (this.opened) return Ok(this.opened);
    const first = await this.open();
    // Another process may have made it at the same time, with another time to live.
    return first.err && first.val.kind === 'refused' ? this.open() : first;
  }

  private async open(): Promise<Result<KV, NatsFailure>> {
    const { name, ttlMs } = this.options;
    const { replicas } = this.connection;
    const options = { history: 1, replicas, allow_direct: false, ...(ttlMs !== undefined && { ttl: ttlMs }) };
    const opened = await this.connection.call(async ({ js }) => {
      const kv = await new Kvm(js).create(name, options);
      return { kv, found: (await kv.status()).ttl };
    });
    if (opened.err) return opened;
    const { kv, found } = opened.val;
    if (found !== (ttlMs ?? 0)) return Err(otherTime(name, ttlMs ?? 0, found));
    this.opened = kv;
    return Ok(kv);
  }
}

function otherTime(name: string, given: number, found: number): NatsFailure {
  const reason =
    `the bucket "${name}" keeps its keys for ${found} ms, and not for ${given}: all processes that share it must ` +
    'give the same ttlMs. Give this one, or give all of them another `bucket`; or delete the bucket while none of them runs.';
  return { reason, retriable: false, kind: 'refused', cause: undefined };
}
