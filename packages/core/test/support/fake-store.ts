import { ReplayStoreError, PositionCorruptedError } from '../../src/model/errors.js';
import { ReplayId } from '../../src/model/replay-id.js';
import { Err, Ok, type Result } from '../../src/model/result.js';
import type {
  PositionKey,
  PositionLock,
  ReplayStore,
  StreamPosition,
  StoreError,
} from '../../src/ports/replay-store.js';

type Answer<T> = Result<T, StoreError>;
type Maybe<T> = T | Promise<T>;

/** A store that may be asked again later. */
export const BUSY = Err(new ReplayStoreError('busy'));
/** A store that will not answer better later. */
export const CORRUPTED = Err(new PositionCorruptedError('no position'));

/** A position as text: the text of a replay id's bytes, or `@` and the epoch milliseconds. */
export function nameOf(position: StreamPosition | 'latest' | 'earliest' | 'committed' | undefined): string | undefined {
  if (position instanceof ReplayId) return Buffer.from(position.toBytes()).toString();
  return position instanceof Date ? `@${position.getTime()}` : position;
}

/** The replay id whose bytes are this text. */
export function idOf(name: string): ReplayId {
  return ReplayId.fromBytes(Buffer.from(name));
}

/** A promise whose end the test decides. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

/**
 * A store in memory that answers as the test says, keeps a log, and checks the order in which it is called: one call at
 * a time, none without the lock.
 */
export class FakeStore implements ReplayStore {
  /** What is durable. */
  position: StreamPosition | undefined;
  /** Everything asked of it: `lock`, `load`, `save a`, `saved a`, `release`. */
  readonly log: string[] = [];
  /** Calls that break the port's rules. */
  readonly violations: string[] = [];
  locked = false;
  /** What becomes of the calls: they succeed, by default. With an `Err`, a call rejects with what it holds. */
  onLoad: () => Maybe<Answer<unknown>> = () => Ok(undefined);
  onSave: (position: StreamPosition) => Maybe<Answer<unknown>> = () => Ok(undefined);
  onLock: () => Maybe<Answer<unknown>> = () => Ok(undefined);
  onRelease: () => Maybe<unknown> = () => undefined;
  readonly keys = new Set<string>();
  private busy = false;

  async load(key: PositionKey): Promise<StreamPosition | undefined> {
    return this.use('load', key, async () => {
      valueOf(await this.onLoad());
      return this.position;
    });
  }

  async save(key: PositionKey, position: StreamPosition): Promise<void> {
    const name = String(nameOf(position));
    return this.use(`save ${name}`, key, async () => {
      valueOf(await this.onSave(position));
      this.position = position;
      this.log.push(`saved ${name}`);
    });
  }

  async lock(key: PositionKey): Promise<PositionLock> {
    if (this.locked) this.violations.push('locked twice');
    this.locked = true;
    return this.use('lock', key, async () => {
      const answer = await this.onLock();
      this.locked = answer.ok;
      valueOf(answer);
      return { release: () => this.release() };
    });
  }

  /** The names of the positions made durable, in their order. */
  get saved(): string[] {
    return this.log.filter((entry) => entry.startsWith('saved ')).map((entry) => entry.slice('saved '.length));
  }

  private async release(): Promise<void> {
    if (!this.locked) this.violations.push('released twice');
    if (this.busy) this.violations.push('released during a call');
    await this.onRelease();
    this.locked = false;
    this.log.push('release');
  }

  private async use<T>(call: string, key: PositionKey, work: () => Promise<T>): Promise<T> {
    if (this.busy) this.violations.push(`${call} during another call`);
    if (!this.locked) this.violations.push(`${call} without the lock`);
    this.busy = true;
    this.log.push(call);
    this.keys.add(JSON.stringify(key));
    try {
      return await work();
    } finally {
      this.busy = false;
    }
  }
}

function valueOf<T>(answer: Answer<T>): T {
  if (answer.err) throw answer.val;
  return answer.val;
}
