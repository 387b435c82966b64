import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { Redis } from 'ioredis';
import { AppendedLines } from '../../../../test/support/appended-lines.js';
import { seeded, suiteSeed, times, type Seeded } from '../../../core/test/fault/support/seeded.js';
import { startRedis, until, type RedisServer } from '../support/redis-server.js';
import type { Handled } from './support/replica-process.js';
import { Replica } from './support/replica.js';

const TOPIC = '/data/AccountChangeEvent';
const TTL_MS = 1_500;
const WINDOW = 50;
const ROUNDS = times(20);
/** In each round. */
const EVENTS = 1_000;

/** Replicas that are killed and stopped, and what they did. */
class Fleet {
  readonly replicas: Replica[] = [];
  /** The replica that said last that it has the lease, and the tokens of all that did. */
  active: Replica | undefined;
  readonly tokens: number[] = [];
  private started = 0;
  private readonly lines: Handled[] = [];
  private readonly output: AppendedLines;

  constructor(
    private readonly emulator: Emulator,
    private readonly redis: RedisServer,
    readonly outputFile: string,
    private readonly seed: number,
  ) {
    this.output = new AppendedLines(outputFile);
  }

  start(): void {
    const { grpcEndpoint, httpUrl, ca, credentials } = this.emulator;
    const job = {
      name: `replica-${++this.started}`,
      endpoint: grpcEndpoint,
      ca: ca ?? '',
      loginUrl: httpUrl,
      clientId: credentials.clientId,
      clientSecret: credentials.clientSecret,
      redisPort: this.redis.port,
      outputFile: this.outputFile,
      window: WINDOW,
      ttlMs: TTL_MS,
      seed: this.seed + this.started,
    };
    const replica = new Replica(job, ({ type, token }) => {
      if (type === 'acquired') {
        this.active = replica;
        this.tokens.push(token);
      }
    });
    this.replicas.push(replica);
  }

  /** Waits until a replica has taken the lease for the so-manieth time. */
  takenOver(count: number): Promise<void> {
    return this.until(() => this.tokens.length >= count);
  }

  /** Waits for what replicas do, as long as none of them has failed. */
  until(condition: () => Promise<boolean> | boolean): Promise<void> {
    return until(() => {
      this.replicas.forEach((replica) => replica.check());
      return condition();
    });
  }

  /** What they have handled so far. They only append to the file, so each line is read once. */
  handled(): readonly Handled[] {
    this.lines.push(...this.output.next().map((line) => JSON.parse(line) as Handled));
    return this.lines;
  }

  async end(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.end()));
  }
}

describe('one active replica', function () {
  this.timeout(600_000);
  let emulator: Emulator;
  let redis: RedisServer;
  let folder: string;
  let fleet: Fleet;
  const seed = suiteSeed(20_261_127);

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'rxforce-replicas-'));
    fleet = new Fleet(emulator, redis, join(folder, 'handled'), seed);
  });

  afterEach(async () => {
    await fleet.end();
    await redis.stop();
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  it(`of three that are killed and stopped in ${ROUNDS} rounds: nothing is lost, the order of each record is kept`, async () => {
    const random = seeded(seed);
    const accounts = emulator.org.create(
      'Account',
      Array.from({ length: 100 }, (_, index) => ({ Name: `a ${index}` })),
    );
    for (let index = 0; index < 3; index++) fleet.start();
    await fleet.takenOver(1);
    const commits = new CommitWatch(redis);
    for (let round = 1; round <= ROUNDS; round++) {
      const begun = fleet.handled().length;
      makeEvents(emulator, accounts, random, EVENTS * round);
      // Somewhere within the events of the round: there are more of them than that.
      const within = random.below(EVENTS / 2);
      await fleet.until(() => fleet.handled().length >= begun + within);
      const holder = fleet.active!;
      const before = fleet.tokens.length;
      const kill = random.below(2) === 0;
      holder.signal(kill ? 'SIGKILL' : 'SIGSTOP');
      await fleet.takenOver(before + 1);
      if (kill) fleet.start();
      else holder.signal('SIGCONT');
    }
    const log = emulator.log(TOPIC).map(({ id }) => id);
    const place = new Map(log.map((id, index) => [id, index]));
    let accepted: Handled[] = [];
    await fleet.until(() => {
      const handled = fleet.handled();
      if (handled.length < log.length) return false;
      accepted = acceptedOf(handled);
      return new Set(accepted.map(({ id }) => id)).size >= log.length;
    });

    expect(log.length).to.be.at.least(EVENTS * ROUNDS);
    expect(outOfOrder(accepted, place), 'out of order').to.deep.equal([]);
    // One after the other, so what comes again is what was unsettled or uncommitted: a window at most.
    expect(Math.max(...repeatsByToken(accepted)), 'handled again after a take-over').to.be.at.most(WINDOW);
    const saved = await commits.end();
    const fences = saved.map(({ fence }) => fence);
    expect(fences, 'commits of a holder after one of the next').to.deep.equal([...fences].sort((a, b) => a - b));
    const placeOf = new Map(emulator.log(TOPIC).map(({ replayId }, index) => [replayId, index]));
    const positions = saved.map(({ replayId }) => placeOf.get(replayId) ?? -1);
    expect(positions, 'a position went back').to.deep.equal([...positions].sort((a, b) => a - b));
    expect(positions).not.to.include(-1);
    expect(new Set(fences).size).to.be.at.least(ROUNDS / 4);
    const { tokens } = fleet;
    expect(tokens, 'each holder has a larger token').to.deep.equal([...new Set(tokens)].sort((a, b) => a - b));
  });
});

/** What is durable, each time that it has changed: looked at again and again. */
class CommitWatch {
  private readonly client: Redis;
  private readonly seen: { readonly fence: number; readonly replayId: string }[] = [];
  private readonly watching: Promise<void>;
  private done = false;

  constructor(server: RedisServer) {
    this.client = new Redis(server.port);
    this.watching = this.watch();
  }

  async end(): Promise<typeof this.seen> {
    this.done = true;
    await this.watching;
    this.client.disconnect();
    return this.seen;
  }

  private async watch(): Promise<void> {
    let last = '';
    let key: string | undefined;
    while (!this.done) {
      key ??= (await this.client.keys('{rxforce:*}')).find((each) => each.endsWith('}'));
      const value = key === undefined ? null : await this.client.get(key);
      const [, fence, replayId] = /^1i (\d+) \S+ (\S+)$/.exec(value ?? '') ?? [];
      if (fence !== undefined && replayId !== undefined && value !== last) {
        this.seen.push({ fence: Number(fence), replayId });
        last = value ?? '';
      }
      await setTimeout(2);
    }
  }
}

/** How many events each holder handled that another had handled before. */
function repeatsByToken(handled: readonly Handled[]): number[] {
  const seen = new Set<string>();
  const repeats = new Map<number, number>();
  for (const { token, id, recordId } of handled) {
    const key = `${id} ${recordId}`;
    if (seen.has(key)) repeats.set(token, (repeats.get(token) ?? 0) + 1);
    seen.add(key);
  }
  return [0, ...repeats.values()];
}

/** Until the log has so many events. */
function makeEvents({ org, log }: Emulator, accounts: readonly string[], random: Seeded, count: number): void {
  while (log(TOPIC).length < count) {
    for (let index = 0; index < 200; index++)
      org.update('Account', random.pick(accounts), { Phone: String(random.next()) });
  }
}

/** What a system takes that refuses whoever comes with a smaller token than it has seen. */
function acceptedOf(handled: readonly Handled[]): Handled[] {
  let largest = 0;
  return handled.filter(({ token }) => {
    largest = Math.max(largest, token);
    return token === largest;
  });
}

/** Events of a record that were handled for the first time behind a later one of it. */
function outOfOrder(handled: readonly Handled[], place: ReadonlyMap<string, number>): Handled[] {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  return handled.filter(({ id, recordId }) => {
    const key = `${id} ${recordId}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const index = place.get(id) ?? -1;
    const before = last.get(recordId) ?? -1;
    last.set(recordId, Math.max(before, index));
    return index < before;
  });
}
