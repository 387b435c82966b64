import { expect } from 'chai';
import { BehaviorSubject, EMPTY, NEVER, type Observable } from 'rxjs';
import { memoryReplayStore, type ChangeEvent, type StatusDetail } from '@rxforce/core';
import { batchBy, handle } from '@rxforce/operators';
import { assignment } from '../../src/log/assignment.js';
import { until } from '../fault/support/wait-for.js';
import { MemoryLeases } from '../support/memory-lease.js';
import { members, PARTITIONS, reader, withLog } from '../support/with-log.js';

type Assigned = Extract<StatusDetail, { readonly type: 'assigned' }>;

describe('The members of a group', () => {
  it('shares the partitions out among members, and hands over without loss or repetition, when one is drained', () =>
    withLog(100, async (log, _emulator, more) => {
      const { member, leases } = members(log);
      const [one, other] = [member('one'), member('other')];
      const handled = { one: 0, other: 0 };
      const ids: string[] = [];
      const read = (name: 'one' | 'other', changes$: Observable<ChangeEvent>) =>
        changes$.pipe(
          handle(async ({ id }) => {
            await Promise.resolve();
            handled[name]++;
            ids.push(id);
          }),
        );
      let isComplete = false;
      read('one', one.changes$()).subscribe({ complete: () => (isComplete = true) });
      read('other', other.changes$()).subscribe();
      await until(() => ids.length === 100 && leases.held().length === PARTITIONS);
      const assigned = (of: typeof one) => of.ofType('assigned').at(-1) as unknown as Assigned;
      await until(() => assigned(one).partitions.length === 4 && assigned(other).partitions.length === 4);
      const shares = [
        { member: 'one', partitions: assigned(one).partitions },
        { member: 'other', partitions: assigned(other).partitions },
      ];
      expect(assigned(one)).to.deep.include({ member: 'one', members: 2, shares });
      expect(assigned(other)).to.deep.include({ member: 'other', members: 2, shares });
      expect([...assigned(one).partitions, ...assigned(other).partitions].sort()).to.deep.equal([
        0, 1, 2, 3, 4, 5, 6, 7,
      ]);
      await until(() => one.client.state().subscriptions.filter(({ state }) => state === 'live').length === 4);
      await more(100);
      await until(() => ids.length === 200);
      const here = (await one.client.lag()).map(({ partition }) => partition);
      expect(here).to.deep.equal(assigned(one).partitions);
      const lags = await one.client.lag({ of: 'group' });
      expect(lags.map(({ partition }) => partition).sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await one.client.drain()).to.deep.include({ unsettled: 0, uncommitted: 0 });
      expect(await one.client.lag({ of: 'group' })).to.deep.equal([]);
      expect(isComplete).to.equal(true);
      const { one: before } = handled;
      await more(60);
      await until(() => ids.length === 260);
      expect(handled.one).to.equal(before);
      expect(assigned(other).shares).to.deep.equal([{ member: 'other', partitions: [0, 1, 2, 3, 4, 5, 6, 7] }]);
      expect(new Set(ids).size).to.equal(260);
      other.client.close();
    }));

  it('reports who shares, also when one takes the place of another and nothing moves here', () =>
    withLog(0, async (log) => {
      const here = (other: string) => assignment(['here', other], PARTITIONS).get('here');
      const names = Array.from({ length: 2_000 }, (_, index) => `there ${index}`);
      const [first = '', ...others] = names;
      const next = others.find((name) => here(name)?.join() === here(first)?.join()) ?? '';
      const members$ = new BehaviorSubject(['here', first]);
      const { client, ofType } = reader(log, { membership: { join: () => members$ }, memberName: 'here' });
      const replay = { store: memoryReplayStore(), name: 'sync' };
      client.changes('Account', { replay, lease: new MemoryLeases(300).lease() }).subscribe();
      await until(() => ofType('assigned').length === 1);
      members$.next([next, 'here']);
      members$.next(['here', next]);
      const told = ofType('assigned') as unknown as Assigned[];
      expect(told.map(({ shares }) => shares.map(({ member }) => member))).to.deep.equal([
        ['here', first],
        ['here', next],
      ]);
      expect(told[0]?.partitions).to.deep.equal(told[1]?.partitions);
      client.close();
    }));

  it('completes at once, when it is drained while others have all leases', () =>
    withLog(10, async (log) => {
      const { member } = members(log);
      const [one, other] = [member('one'), member('other')];
      const events = new Set<string>();
      one
        .changes$()
        .pipe(handle(({ id }) => (events.add(id), NEVER), { concurrency: 10 }))
        .subscribe();
      await until(() => events.size === 10);
      let completed: 'no' | 'yes' = 'no';
      other
        .changes$()
        .pipe(handle(() => EMPTY))
        .subscribe({ complete: () => (completed = 'yes') });
      await until(() => other.ofType('standby').length > 0);
      await other.client.drain();
      expect(completed).to.equal('yes');
      one.client.close();
    }));

  it('lets operators emit what they have collected, when it is drained, though it waits for the lease of a partition', () =>
    withLog(40, async (log) => {
      const { member, leases } = members(log, 60_000);
      const topic = '/data/AccountChangeEvent';
      await leases.lease().acquire({ organizationId: '', topic: `${topic}#0`, name: 'sync' });
      const others = 40 - ((await log.lag(topic, 0, undefined)).events ?? 0);
      const one = member('one');
      let collected = 0;
      const batches: number[] = [];
      one
        .changes$()
        .pipe(
          handle((event) => [((collected += 1), event)]),
          batchBy(1_000, Infinity),
          handle((batch) => (batches.push(batch.length), EMPTY)),
        )
        .subscribe();
      await until(() => collected === others && one.ofType('standby').length === 1);
      expect(await one.client.drain()).to.deep.include({ settled: others, unsettled: 0 });
      expect(batches).to.deep.equal([others]);
    }));
});
