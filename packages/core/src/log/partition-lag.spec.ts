import { expect } from 'chai';
import { ConfigurationError, EventLogError, ReplayStoreError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { EventLog } from '../ports/event-log.js';
import type { SubscriptionState } from '../subscribe/subscription-state.js';
import { memoryReplayStore } from '../stores/memory-replay-store.js';
import type { LogGroup } from './log-groups.js';
import { lagsOf, partitionLags } from './partition-lag.js';

const idOf = (number: number) => ReplayId.fromBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, number));

/** A subscription to a partition that began after 3, and has committed up to 7. */
function reads(partition: number, more: Partial<SubscriptionState> = {}): SubscriptionState {
  return {
    ...{ topic: `/data/A#${partition}`, subscription: partition, name: 'crm', state: 'live', since: 0 },
    ...{ troubleSince: undefined, wasConnected: true, cause: undefined, window: undefined, lagMs: 0 },
    ...{ lastResponseAt: 0, start: { at: 5, from: idOf(3) }, lastCommit: { at: 9, position: idOf(7) } },
    ...more,
  };
}

/** A log of nine entries in each partition, which fails for some. */
function logOf(...failing: readonly number[]): Pick<EventLog, 'lag'> {
  return {
    lag: (_topic, partition, position) =>
      failing.includes(partition)
        ? Promise.reject(new Error(`${partition} is down`))
        : Promise.resolve({ events: 9 - (position?.toBytes().at(-1) ?? 0), oldestAt: undefined }),
  };
}

describe('partitionLags', () => {
  const eventsOf = async (...states: readonly SubscriptionState[]) =>
    (await partitionLags(logOf(), states)).map(({ partition, events }) => [partition, events]);

  it('counts from the last commit, or from the start where none came since', async () => {
    expect(
      await eventsOf(
        reads(0),
        reads(1, { lastCommit: undefined }),
        // Another replica had the lease since this commit.
        reads(2, { lastCommit: { at: 4, position: idOf(1) } }),
        reads(3, { lastCommit: undefined, start: { at: 5, from: 'earliest' } }),
      ),
    ).to.deep.equal([
      [0, 2],
      [1, 6],
      [2, 6],
      [3, 9],
    ]);
  });

  it('leaves out what does not read, or has no position', async () => {
    expect(
      await eventsOf(
        reads(0, { name: undefined }),
        reads(1, { state: 'standby' }),
        reads(2, { state: 'waiting', start: undefined }),
        reads(3, { lastCommit: undefined, start: { at: 5, from: 'latest' } }),
      ),
    ).to.deep.equal([]);
  });

  it('leaves out a partition that the log fails for, and rejects when it fails for all', async () => {
    const lags = await partitionLags(logOf(1), [reads(0), reads(1)]);
    expect(lags.map(({ partition }) => partition)).to.deep.equal([0]);
    const error = await partitionLags(logOf(0, 1), [reads(0), reads(1)]).catch((thrown: unknown) => thrown);
    expect(EventLogError.is(error)).to.equal(true);
  });
});

describe('lagsOf a group', () => {
  const group = (more: Partial<LogGroup> = {}): LogGroup => ({
    ...{ topic: '/data/A', name: 'crm', store: memoryReplayStore(), from: 'earliest', logId: 'log', partitions: 3 },
    ...more,
  });
  const keyOf = (partition: number) => ({ organizationId: 'log', topic: `/data/A#${partition}`, name: 'crm' });
  const eventsOf = async (of: LogGroup, ...states: readonly SubscriptionState[]) =>
    (await lagsOf(logOf(), states, { of: 'group', groups: [of] })).map(({ partition, events }) => [partition, events]);

  it('counts what is read elsewhere from the position in the store, or from where a member would begin', async () => {
    const of = group();
    await of.store.save(keyOf(1), idOf(5));
    const reading = [reads(0), reads(1, { state: 'standby' })];
    expect(await eventsOf(of, ...reading)).to.deep.equal([
      [0, 2],
      [1, 4],
      [2, 9],
    ]);
    expect(await eventsOf({ ...of, from: 'latest' }, ...reading)).to.deep.equal([
      [0, 2],
      [1, 4],
    ]);
  });

  it('asks the store for no position that this process may save or load', async () => {
    const asked: string[] = [];
    const load = ({ topic }: { readonly topic: string }) => {
      asked.push(topic);
      return Promise.resolve(undefined);
    };
    const store = { ...memoryReplayStore(), load };
    await eventsOf(group({ store }), reads(0, { state: 'draining' }), reads(1, { state: 'connecting' }));
    expect(asked).to.deep.equal(['/data/A#2']);
  });

  it('leaves out what the store fails for, and rejects with its error when it fails for all', async () => {
    const store = { ...memoryReplayStore(), load: () => Promise.reject(new Error('is away')) };
    expect(await eventsOf(group({ store }), reads(0))).to.deep.equal([[0, 2]]);
    const error = await eventsOf(group({ store })).catch((thrown: unknown) => thrown);
    expect(ReplayStoreError.is(error)).to.equal(true);
  });

  it('is asked for by name', async () => {
    const groups = [group()];
    expect(await lagsOf(logOf(), [], { groups })).to.deep.equal([]);
    for (const wrong of [{ of: 'all' }, { off: 'group' }]) {
      const error = await lagsOf(logOf(), [], { ...wrong, groups } as never).catch((thrown: unknown) => thrown);
      expect(ConfigurationError.is(error)).to.equal(true);
    }
  });
});
