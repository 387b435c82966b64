import { expect } from 'chai';
import { of, throwError, type OperatorFunction } from 'rxjs';
import { ConfigurationError, type ChangeEvent } from '@rxforce/core';
import { batchBy, handle } from '@rxforce/operators';
import { pairwise } from '@rxforce/operators/rxjs';
import { ChangesBench, COMMITTED, CONNECTING, event } from '../../test/support/changes-bench.js';
import { at, scriptedRows, type Named } from '../../test/support/scripted-client.js';
import { resolveChanges } from './changes-options.js';

describe('recordChanges', () => {
  let bench: ChangesBench;

  beforeEach(() => {
    bench = new ChangesBench();
  });

  it('reads nothing before the position is known, and then all records, and then the events that waited', async () => {
    const { stream } = bench.subscribe();
    stream().tell({ ...CONNECTING, from: 'latest' });
    stream().tell({ type: 'live' });
    stream().sink.deliver(event('e1'), 'e1');
    await bench.time.pass(60_000);
    expect([bench.asked, bench.seen]).to.deep.equal([[], []]);
    stream().tell(COMMITTED);
    await bench.time.pass(9_999);
    expect(bench.asked, 'an answer may be from before the position').to.deep.equal([]);
    await bench.time.pass(1_000);
    stream().sink.deliver(event('e2'), 'e2');
    await bench.time.pass(1_000);
    expect(bench.seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5', 'e1', 'e2']);
    expect(stream().settled).to.deep.equal(['e1', 'e2']);
    expect(await bench.state()).to.include({ phase: 'done' });
    expect(bench.phases()).to.deep.equal([
      'waiting Account 0',
      'reading Account 0',
      'reading Account 2',
      'reading Account 4',
      'reading Account 5',
      'done Account 5',
    ]);
    expect(bench.statuses.find(({ type }) => type === 'snapshot')).to.include({ topic: 'Account', name: 'x' });
  });

  it('reads at once, when the stream continues at a position, or at the beginning of what the service keeps', async () => {
    for (const from of [at('p'), 'earliest'] as const) {
      bench = new ChangesBench();
      const { stream, subscription } = bench.subscribe({ queryLagMs: 0 });
      stream().tell({ ...CONNECTING, from });
      await bench.time.pass(100);
      expect(bench.seen).to.have.length(5);
      subscription.unsubscribe();
    }
  });

  it('delivers no more records than its window has room for', async () => {
    const { stream } = bench.subscribe({ queryLagMs: 0, rowWindow: 1 }, ['Account'], 1_000);
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(900);
    expect(bench.asked, 'a page, and the next one').to.deep.equal([undefined, '2']);
    await bench.time.pass(10_000);
    expect(bench.seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5']);
  });

  describe('where a sweep follows', () => {
    it('waits for it before any event passes', async () => {
      const sweeps: (readonly [string, number])[] = [];
      let swept: () => void = () => undefined;
      const onRead = (entity: string, startedAt: number) => {
        sweeps.push([entity, startedAt]);
        return new Promise<void>((resolve) => (swept = resolve));
      };
      const { stream } = bench.subscribe({ queryLagMs: 0, onRead });
      stream().tell({ ...CONNECTING, from: at('p') });
      stream().sink.deliver(event('e1'), 'e1');
      await bench.time.pass(1_000);
      expect([sweeps, bench.seen.length]).to.deep.equal([[['Account', 0]], 5]);
      expect(await bench.state()).to.include({ phase: 'reading' });
      swept();
      await bench.time.pass(0);
      expect(bench.seen.at(-1)).to.equal('e1');
    });

    it('errors with its error, and is swept again', async () => {
      const onRead = () => Promise.reject(new Error('no sweep'));
      const { stream } = bench.subscribe({ queryLagMs: 0, onRead });
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(1_000);
      expect(bench.errors).to.have.nested.property('[0].message', 'no sweep');
      expect(await bench.state()).to.include({ phase: 'reading' });
    });
  });

  it('reads several objects, one after the other, and only what is new of a longer list', async () => {
    const topic = '/data/ChangeEvents';
    const first = bench.subscribe({ queryLagMs: 0, topic }, ['Account', 'Contact']);
    first.stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(1_000);
    expect(bench.seen).to.deep.equal(['a1', 'a2', 'a3', 'a4', 'a5', 'Contact']);
    first.subscription.unsubscribe();
    const { stream } = bench.subscribe({ queryLagMs: 0, topic }, ['Account', 'Contact', 'Lead']);
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(1_000);
    expect(bench.seen.slice(6)).to.deep.equal(['Lead']);
    expect(await bench.state()).to.deep.include({ phase: 'done', read: ['Account', 'Contact', 'Lead'] });
  });

  it('tells from which place another process would read on, and which objects are read', async () => {
    const topic = '/data/ChangeEvents';
    const { stream } = bench.subscribe({ queryLagMs: 0, topic, rowWindow: 1 }, ['Account', 'Contact'], 100);
    stream().tell({ ...CONNECTING, from: 'latest' });
    stream().tell(COMMITTED);
    await bench.time.pass(10_000);
    const entities = ['Account', 'Contact'];
    const told = bench.statuses.flatMap((status) => {
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
    const again = bench.subscribe({ queryLagMs: 0, topic }, entities);
    bench.statuses.length = 0;
    again.stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(1_000);
    expect(bench.statuses.find(({ type }) => type === 'snapshot')).to.deep.include({ phase: 'done', read: entities });
  });

  describe('with an operator that collects', () => {
    for (const [what, collect] of [
      ['batchBy', batchBy<ChangeEvent<Named>>(2, Infinity)],
      ['pairwise', pairwise<ChangeEvent<Named>>()],
    ] as const) {
      it(`does not wait for more records that never come (${what})`, async () => {
        const rows$ = of(scriptedRows(bench.time, ['a1', 'a2', 'a3']));
        const replay = { store: bench.store, name: 'x' };
        const { changes$, stream } = bench.changes(['Account'], () => rows$, { queryLagMs: 0, replay });
        changes$
          .pipe(
            collect as OperatorFunction<ChangeEvent<Named>, ChangeEvent<Named>[]>,
            handle(() => []),
          )
          .subscribe();
        stream().tell({ ...CONNECTING, from: at('p') });
        await bench.time.pass(1_000);
        expect(await bench.state()).to.include({ phase: 'done' });
      });
    }
  });

  it('completes with its stream, and what waited comes again', async () => {
    const { stream, isComplete } = bench.subscribe({}, ['Account'], 1_000);
    stream().tell({ ...CONNECTING, from: at('p') });
    stream().sink.deliver(event('e1'), 'e1');
    await bench.time.pass(100);
    stream().sink.complete();
    await bench.time.pass(100_000);
    expect([isComplete(), bench.errors, stream().settled]).to.deep.equal([true, [], []]);
  });

  it('errors, when the object cannot be opened', async () => {
    const rows$ = throwError(() => new ConfigurationError('no such object'));
    const { changes$, stream } = bench.changes(['Nope'], () => rows$, { queryLagMs: 0 });
    changes$.pipe(handle(() => [])).subscribe({ error: (error: unknown) => bench.errors.push(error) });
    stream().tell({ ...CONNECTING, from: at('p') });
    await bench.time.pass(100);
    expect(bench.errors).to.have.nested.property('[0].message', 'no such object');
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
