import { expect } from 'chai';
import { of, throwError, type OperatorFunction } from 'rxjs';
import {
  ConfigurationError,
  memoryReplayStore,
  PositionCorruptedError,
  PositionInUseError,
  ReplayIdInvalidError,
  ReplayStoreError,
  SnapshotTooSlowError,
  type ChangeEvent,
  type ReplayStore,
  type SubscriptionStatus,
} from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import { batchBy, handle } from '@rxforce/operators';
import { pairwise } from '@rxforce/operators/rxjs';
import { SteppedTime } from '../../../core/test/support/stepped-time.js';
import { at, scriptedClient, scriptedRows, type Named } from '../../test/support/scripted-client.js';
import { resolveChanges, type RecordsChangesOptions } from './changes-options.js';
import { recordChanges } from './record-changes.js';
import { decodeState, type SnapshotState } from './snapshot-state.js';

const KEY = { organizationId: '00D000000000001', topic: '/data/X', name: 'x:snapshot' };
const CONNECTING = { type: 'connecting', failures: 0 } as const;
const COMMITTED = { type: 'committed', position: at('p'), events: 0, tookMs: 0 } as const;
const HOUR_MS = 3_600_000;

describe('recordChanges', () => {
  let time: SteppedTime;
  let store: ReplayStore;
  let asked: (string | undefined)[];
  let seen: string[];
  let errors: unknown[];
  let warnings: string[];
  let statuses: SubscriptionStatus[];

  beforeEach(() => {
    time = new SteppedTime();
    store = memoryReplayStore();
    [asked, seen, errors, warnings, statuses] = [[], [], [], [], []];
  });

  /** Subscribes; the rows of `Account` are a1 to a5, and those of any other object one of its name. */
  function subscribe(options: RecordsChangesOptions = {}, entities = ['Account'], rowMs = 0) {
    const { client, streams } = scriptedClient(time);
    const { replay } = options;
    const changes$ = recordChanges<Named>({
      ...{ client, entities, scheduler: time, logger: { warn: (message) => warnings.push(message) } },
      openRows: (entity) =>
        of(scriptedRows(time, entity === 'Account' ? ['a1', 'a2', 'a3', 'a4', 'a5'] : [entity], asked)),
      options: resolveChanges(entities, { ...options, replay: { store, name: 'x', ...replay } }),
    });
    changes$.status$.subscribe((status) => statuses.push(status));
    const save = (event: ChangeEvent<Named>) =>
      new Promise<void>((resolve) => {
        time.schedule(() => {
          seen.push(event.data.Name ?? event.id);
          resolve();
        }, rowMs);
      });
    let isComplete = false;
    const subscription = changes$.pipe(handle(save)).subscribe({
      error: (error: unknown) => errors.push(error),
      complete: () => (isComplete = true),
    });
    const stream = (index = -1) => streams.at(index)!;
    return { subscription, streams, stream, isComplete: () => isComplete };
  }

  const event = (id: string) =>
    changeEvent<Named>({ id, changeType: 'UPDATE', recordIds: ['b'], data: { Name: id }, commitTimestamp: 9_000_000 });
  const state = async () => {
    const position = await store.load(KEY);
    return position && decodeState(KEY, position);
  };
  const put = async (given: Partial<SnapshotState>) => {
    const { encodeState, NO_STATE } = await import('./snapshot-state.js');
    await store.save(KEY, encodeState({ ...NO_STATE, phase: 'reading', startedAt: 0, ...given }));
  };
  const phases = () =>
    statuses.flatMap((status) =>
      status.type === 'snapshot' ? [`${status.phase} ${status.entity} ${status.rows}`] : [],
    );

  it('reads nothing before the position is known, and then all records, and then the events that waited', async () => {
    const { stream } = subscribe();
    stream().tell({ ...CONNECTING, from: 'latest' });
    stream().tell({ type: 'live' });
    stream().sink.deliver(event('e1'), 'e1');
    await time.pass(60_000);
    expect([asked, seen]).to.deep.equal([[], []]);
    stream().tell(COMMITTED);
    await time.pass(9_999);
    expect(asked, 'an answer may be from before the position').to.deep.equal([]);
    await time.pass(1_000);
    stream().sink.deliver(event('e2'), 'e2');
    await time.pass(1_000);
    expect(seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5', 'e1', 'e2']);
    expect(stream().settled).to.deep.equal(['e1', 'e2']);
    expect(await state()).to.include({ phase: 'done' });
    expect(phases()).to.deep.equal([
      'waiting Account 0',
      'reading Account 0',
      'reading Account 2',
      'reading Account 4',
      'reading Account 5',
      'done Account 5',
    ]);
    expect(statuses.find(({ type }) => type === 'snapshot')).to.include({ topic: 'Account', name: 'x' });
  });

  it('reads at once, when the stream continues at a position, or at the beginning of what the service keeps', async () => {
    for (const from of [at('p'), 'earliest'] as const) {
      store = memoryReplayStore();
      seen = [];
      const { stream, subscription } = subscribe({ queryLagMs: 0 });
      stream().tell({ ...CONNECTING, from });
      await time.pass(100);
      expect(seen).to.have.length(5);
      subscription.unsubscribe();
    }
  });

  it('lets events pass at once, when everything was read before', async () => {
    await put({ phase: 'done', read: ['Account'] });
    const { stream } = subscribe();
    stream().tell({ ...CONNECTING, from: at('p') });
    stream().sink.deliver(event('e1'), 'e1');
    await time.pass(100);
    expect([asked, seen]).to.deep.equal([[], ['e1']]);
  });

  it('reads everything again, when its position is gone', async () => {
    await put({ phase: 'done', read: ['Account'] });
    const { stream } = subscribe();
    stream().tell({ ...CONNECTING, from: 'latest' });
    stream().tell(COMMITTED);
    await time.pass(20_000);
    expect(seen).to.have.length(5);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('read again');
  });

  it('goes on at the last page that is settled', async () => {
    const first = subscribe({ queryLagMs: 0 }, ['Account'], 100);
    first.stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(215);
    expect(seen).to.deep.equal(['a1', 'a2']);
    expect(await state()).to.include({ cursor: '2', rows: 2 });
    first.subscription.unsubscribe();
    asked = [];
    const { stream } = subscribe({ queryLagMs: 0 });
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(1_000);
    expect(asked[0]).to.equal('2');
    expect(seen.slice(2)).to.include.members(['a3', 'a4', 'a5']);
    expect(await state()).to.include({ phase: 'done', startedAt: 0 });
  });

  it('saves no cursor, while a record before it is not settled', async () => {
    const { stream } = subscribe({ queryLagMs: 0 }, ['Account'], 1_000);
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(500);
    expect(await state()).to.include({ cursor: undefined, rows: 0 });
  });

  it('delivers no more records than its window has room for', async () => {
    const { stream } = subscribe({ queryLagMs: 0, rowWindow: 1 }, ['Account'], 1_000);
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(900);
    expect(asked, 'a page, and the next one').to.deep.equal([undefined, '2']);
    await time.pass(10_000);
    expect(seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5']);
  });

  describe('where a sweep follows', () => {
    it('waits for it before any event passes', async () => {
      const sweeps: (readonly [string, number])[] = [];
      let swept: () => void = () => undefined;
      const onRead = (entity: string, startedAt: number) => {
        sweeps.push([entity, startedAt]);
        return new Promise<void>((resolve) => (swept = resolve));
      };
      const { stream } = subscribe({ queryLagMs: 0, onRead });
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.deliver(event('e1'), 'e1');
      await time.pass(1_000);
      expect([sweeps, seen.length]).to.deep.equal([[['Account', 0]], 5]);
      expect(await state()).to.include({ phase: 'reading' });
      swept();
      await time.pass(0);
      expect(seen.at(-1)).to.equal('e1');
    });

    it('errors with its error, and is swept again', async () => {
      const onRead = () => Promise.reject(new Error('no sweep'));
      const { stream } = subscribe({ queryLagMs: 0, onRead });
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(1_000);
      expect(errors).to.have.nested.property('[0].message', 'no sweep');
      expect(await state()).to.include({ phase: 'reading' });
    });
  });

  it('reads several objects, one after the other, and only what is new of a longer list', async () => {
    const topic = '/data/ChangeEvents';
    const first = subscribe({ queryLagMs: 0, topic }, ['Account', 'Contact']);
    first.stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(1_000);
    expect(seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5', 'Contact']);
    first.subscription.unsubscribe();
    const { stream } = subscribe({ queryLagMs: 0, topic }, ['Account', 'Contact', 'Lead']);
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(1_000);
    expect(seen.slice(6)).to.deep.equal(['Lead']);
    expect(await state()).to.deep.include({ phase: 'done', read: ['Account', 'Contact', 'Lead'] });
  });

  it('tells from which place another process would read on, and which objects are read', async () => {
    const topic = '/data/ChangeEvents';
    const { stream } = subscribe({ queryLagMs: 0, topic, rowWindow: 1 }, ['Account', 'Contact'], 100);
    stream().tell({ ...CONNECTING, from: 'latest' });
    stream().tell(COMMITTED);
    await time.pass(10_000);
    const entities = ['Account', 'Contact'];
    const told = statuses.flatMap((status) => {
      if (status.type !== 'snapshot') return [];
      expect(status.entities).to.deep.equal(entities);
      return [[status.entity, status.rows, status.settled, status.cursor, status.read?.join()]];
    });
    expect(told).to.deep.equal([
      ['Account', 0, undefined, undefined, undefined],
      ['Account', 0, 0, undefined, ''],
      ['Account', 2, 0, undefined, ''],
      ['Account', 4, 0, undefined, ''],
      ['Account', 5, 2, '2', ''],
      ['Account', 5, undefined, undefined, 'Account'],
      ['Contact', 0, 0, undefined, 'Account'],
      ['Contact', 1, 0, undefined, 'Account'],
      ['Contact', 1, undefined, undefined, 'Account,Contact'],
    ]);
    const again = subscribe({ queryLagMs: 0, topic }, entities);
    statuses.length = 0;
    again.stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(1_000);
    expect(statuses.find(({ type }) => type === 'snapshot')).to.deep.include({ phase: 'done', read: entities });
  });

  describe('with a lease', () => {
    const ACQUIRED = { type: 'acquired', token: 7 } as const;

    it('reads only while the lease is held, and goes on when it is held again', async () => {
      const fences: unknown[] = [];
      const { save } = store;
      store = {
        ...store,
        save: (key, position, fence) => {
          if (key.name === KEY.name) fences.push(fence);
          return save(key, position, fence);
        },
      };
      const { stream } = subscribe({ queryLagMs: 0 }, ['Account'], 100);
      stream().tell({ type: 'standby' });
      await time.pass(1_000);
      expect(asked).to.deep.equal([]);
      stream().tell(ACQUIRED);
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(215);
      stream().tell({ type: 'lost' });
      await time.pass(1_000);
      expect(await state()).to.include({ phase: 'reading', cursor: '2' });
      asked.length = 0;
      stream().tell({ type: 'acquired', token: 9 });
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(2_000);
      expect(asked[0]).to.equal('2');
      expect(await state()).to.include({ phase: 'done' });
      expect([fences[0], fences.at(-1)]).to.deep.equal([7, 9]);
      expect(errors).to.deep.equal([]);
    });

    it('begins no work on records that waited for it, when the lease is lost meanwhile', async () => {
      const { stream } = subscribe({ queryLagMs: 0 }, ['Account'], 100);
      stream().tell(ACQUIRED);
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(50);
      stream().tell({ type: 'lost' });
      await time.pass(2_000);
      expect([seen, errors]).to.deep.equal([['a1'], []]);
    });

    it('waits for the lease, when another replica has the state', async () => {
      const refuse = () => Promise.reject(new PositionInUseError('another holds it'));
      store = { ...store, save: refuse };
      const { stream } = subscribe({ queryLagMs: 0 });
      stream().tell(ACQUIRED);
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(1_000);
      expect([errors, seen]).to.deep.equal([[], []]);
    });
  });

  describe('where the position is lost', () => {
    const LOST = new ReplayIdInvalidError('too old', { topic: 'Account' });

    it('errors, by default', async () => {
      const { stream } = subscribe();
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.error(LOST);
      await time.pass(100);
      expect(errors).to.deep.equal([LOST]);
    });

    it('reads everything again before the events from then on, when that is asked for', async () => {
      await put({ phase: 'done', read: ['Account'] });
      const { stream, streams } = subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(0);
      stream().sink.error(LOST);
      await time.pass(0);
      expect(await state(), 'durable before the stream moves on').to.include({ phase: 'lost' });
      expect(streams).to.have.length(2);
      expect(stream().options.replay).to.include({ onInvalid: 'latest' });
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(100);
      expect(asked, 'the position may still be lost').to.deep.equal([]);
      stream().tell({ type: 'replayReset', from: at('p'), policy: 'latest' });
      stream().tell({ ...CONNECTING, from: 'latest' });
      stream().sink.deliver(event('e1'), 'e1');
      await time.pass(100);
      expect(asked).to.deep.equal([]);
      stream().tell(COMMITTED);
      await time.pass(1_000);
      expect(seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5', 'e1']);
      expect(errors).to.deep.equal([]);
    });

    it('hears nothing of the stream whose position was lost, once it has ended', async () => {
      await put({ phase: 'done', read: ['Account'] });
      const { streams } = subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      streams[0]?.tell({ ...CONNECTING, from: at('p') });
      await time.pass(0);
      streams[0]?.sink.error(LOST);
      await time.pass(0);
      const told = statuses.length;
      streams[0]?.tell(COMMITTED);
      streams[0]?.tell({ type: 'closed' });
      await time.pass(1_000);
      expect([asked, statuses.length - told]).to.deep.equal([[], 0]);
    });

    it('remembers a second loss at once, when it comes in the same subscription', async () => {
      const { stream, subscription } = subscribe({ queryLagMs: 5_000, replay: { onInvalid: 'snapshot' } });
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.error(LOST);
      await time.pass(0);
      stream().tell({ ...CONNECTING, from: 'latest' });
      stream().tell({ type: 'live' });
      stream().tell(COMMITTED);
      await time.pass(10_000);
      expect(await state()).to.include({ phase: 'done' });
      stream().tell({ type: 'replayReset', from: at('q'), policy: 'latest' });
      stream().tell({ ...CONNECTING, from: 'latest' });
      stream().tell(COMMITTED);
      await time.pass(0);
      expect(await state(), 'while queries may lag').to.include({ phase: 'lost' });
      subscription.unsubscribe();
      const next = subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      next.stream().tell({ ...CONNECTING, from: at('r') });
      await time.pass(1_000);
      expect(seen).to.have.length(10);
    });

    it('begins anew, when the stream was reset to the earliest event, and a cursor was saved before', async () => {
      await put({ phase: 'reading', entity: 'Account', cursor: '4' });
      const { stream } = subscribe({ replay: { onInvalid: 'earliest' } });
      stream().tell({ type: 'replayReset', from: at('p'), policy: 'earliest' });
      stream().tell({ ...CONNECTING, from: 'earliest' });
      await time.pass(20_000);
      expect(seen).to.have.length(5);
    });

    it('waits for its lease, when another replica has it by then', async () => {
      const { stream, streams } = subscribe({ replay: { onInvalid: 'snapshot' } });
      stream().tell({ type: 'acquired', token: 7 });
      stream().tell({ ...CONNECTING, from: at('p') });
      store.save = () => Promise.reject(new PositionInUseError('another holds it'));
      stream().sink.error(LOST);
      await time.pass(100);
      expect([errors, streams.length]).to.deep.equal([[], 2]);
    });

    it('reads everything again, when a crash came in between', async () => {
      await put({ phase: 'lost' });
      const { stream } = subscribe({ queryLagMs: 0, replay: { onInvalid: 'snapshot' } });
      stream().tell({ ...CONNECTING, from: at('new') });
      await time.pass(1_000);
      expect(seen).to.have.length(5);
    });

    it('begins the reading anew, when the stream was reset during it', async () => {
      const { stream } = subscribe({ queryLagMs: 0, replay: { onInvalid: 'earliest' } });
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.deliver(event('e1'), 'e1');
      await time.pass(15);
      stream().tell({ type: 'replayReset', from: at('p'), policy: 'earliest' });
      stream().tell({ ...CONNECTING, from: 'earliest' });
      await time.pass(1_000);
      expect(seen.at(-1)).to.equal('e1');
      expect(errors).to.deep.equal([]);
    });
  });

  describe('where its state cannot be kept', () => {
    it('tries again, when the store fails for now', async () => {
      const { save } = store;
      let failures = 2;
      const failing: ReplayStore['save'] = (...given) =>
        failures-- > 0 ? Promise.reject(new ReplayStoreError('busy', { retriable: true })) : save(...given);
      store = { ...store, save: failing };
      const { stream } = subscribe({ queryLagMs: 0 });
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(60_000);
      expect(seen).to.have.length(5);
      expect(warnings[0]).to.include('busy');
    });

    it('errors, when it holds something else', async () => {
      await store.save(KEY, at('no state'));
      const { stream } = subscribe();
      stream().tell({ ...CONNECTING, from: at('p') });
      await time.pass(100);
      expect(errors[0]).to.be.instanceOf(PositionCorruptedError);
    });
  });

  it('errors, when records are read for so long that events are about to be dropped', async () => {
    await put({ phase: 'reading', entity: 'Account' });
    await time.pass(50 * HOUR_MS);
    const { stream } = subscribe({ rowWindow: 1 }, ['Account'], 21 * HOUR_MS);
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(20);
    expect(warnings[0]).to.include('50 hours');
    await time.pass(22 * HOUR_MS);
    expect(errors.at(-1)).to.be.instanceOf(SnapshotTooSlowError);
  });

  it('reads everything again, when the reading began so long ago that its events are gone', async () => {
    await put({ phase: 'reading', entity: 'Account', cursor: '4' });
    await time.pass(71 * HOUR_MS);
    const { stream } = subscribe({ queryLagMs: 0 });
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(1_000);
    expect(seen).to.have.length(5);
    expect(warnings[0]).to.include('70 hours');
  });

  it('reports that it is done, when everything was read before', async () => {
    await put({ phase: 'done', read: ['Account'] });
    const { stream } = subscribe();
    stream().tell({ ...CONNECTING, from: at('p') });
    await time.pass(0);
    expect(phases()).to.deep.equal(['done Account 0']);
  });

  it('gives the records of another reading other ids', async () => {
    const ids: string[] = [];
    const { client, streams } = scriptedClient(time);
    for (const replay of [{ store: memoryReplayStore() }, { store: memoryReplayStore() }]) {
      recordChanges<Named>({
        ...{ client, entities: ['Account'], scheduler: time, logger: { warn: () => undefined } },
        openRows: () => of(scriptedRows(time, ['a1'])),
        options: resolveChanges(['Account'], { queryLagMs: 0, replay }),
      })
        .pipe(handle(({ id }) => [ids.push(id)]))
        .subscribe();
      streams.at(-1)?.tell({ ...CONNECTING, from: at('p') });
      await time.pass(100);
    }
    expect(new Set(ids).size).to.equal(2);
  });

  describe('with an operator that collects', () => {
    for (const [what, collect] of [
      ['batchBy', batchBy<ChangeEvent<Named>>(2, Infinity)],
      ['pairwise', pairwise<ChangeEvent<Named>>()],
    ] as const) {
      it(`does not wait for more records that never come (${what})`, async () => {
        const { client, streams } = scriptedClient(time);
        const changes$ = recordChanges<Named>({
          ...{ client, entities: ['Account'], scheduler: time, logger: { warn: () => undefined } },
          openRows: () => of(scriptedRows(time, ['a1', 'a2', 'a3'])),
          options: resolveChanges(['Account'], { queryLagMs: 0, replay: { store, name: 'x' } }),
        });
        changes$
          .pipe(
            collect as OperatorFunction<ChangeEvent<Named>, ChangeEvent<Named>[]>,
            handle(() => []),
          )
          .subscribe();
        streams.at(-1)?.tell({ ...CONNECTING, from: at('p') });
        await time.pass(1_000);
        expect(await state()).to.include({ phase: 'done' });
      });
    }
  });

  it('completes with its stream, and what waited comes again', async () => {
    const { stream, isComplete } = subscribe({}, ['Account'], 1_000);
    stream().tell({ ...CONNECTING, from: at('p') });
    stream().sink.deliver(event('e1'), 'e1');
    await time.pass(100);
    stream().sink.complete();
    await time.pass(100_000);
    expect([isComplete(), errors, stream().settled]).to.deep.equal([true, [], []]);
  });

  it('errors, when the object cannot be opened', async () => {
    const { client, streams } = scriptedClient(time);
    const changes$ = recordChanges<Named>({
      ...{ client, entities: ['Nope'], scheduler: time, logger: { warn: () => undefined } },
      openRows: () => throwError(() => new ConfigurationError('no such object')),
      options: resolveChanges(['Nope'], { queryLagMs: 0 }),
    });
    changes$.pipe(handle(() => [])).subscribe({ error: (error: unknown) => errors.push(error) });
    streams.at(-1)?.tell({ ...CONNECTING, from: at('p') });
    await time.pass(100);
    expect(errors).to.have.nested.property('[0].message', 'no such object');
  });

  it('refuses options that cannot be right', () => {
    for (const [entities, options, part] of [
      [['A'], { rowWindow: 0 }, 'rowWindow'],
      [['A'], { maxRemembered: -1 }, 'maxRemembered'],
      [['A'], { queryLagMs: -1 }, 'queryLagMs'],
      [['A'], { onRead: true }, 'onRead'],
      [['A', 'B'], {}, 'topic'],
    ] as const) {
      expect(() => resolveChanges(entities, options as never))
        .to.throw(part)
        .instanceOf(ConfigurationError);
    }
  });
});
