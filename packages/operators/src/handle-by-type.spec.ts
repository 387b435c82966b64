import { expect } from 'chai';
import { delay, EMPTY, map, NEVER, of, range, take, throwError, type Observable } from 'rxjs';
import {
  CHANGE_TYPES,
  ConfigurationError,
  WorkTimeoutError,
  type ChangeEvent,
  type ChangeType,
} from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { handleByType, type ChangeTypeHandlers } from './handle-by-type.js';
import { by, EVENTS, GAPS } from '../test/support/events-of-types.js';

const ALL = {
  ...GAPS,
  create: by('create'),
  update: by('update'),
  delete: by('delete'),
  undelete: by('undelete'),
  snapshot: by('snapshot'),
  otherwise: by('otherwise'),
};

function resultsOf(handlers: ChangeTypeHandlers, types: readonly ChangeType[] = CHANGE_TYPES): unknown[] {
  const results: unknown[] = [];
  runMarbles(({ flush }) => {
    of(...types.map((changeType) => changeEvent({ changeType })))
      .pipe(handleByType(handlers))
      .subscribe({ next: (result) => results.push(result), error: (error: unknown) => results.push(error) });
    flush();
  });
  return results;
}

describe('handleByType', () => {
  it('does what its diagram shows', () =>
    runDiagram(
      'handle-by-type.ts',
      handleByType({
        create: ({ header }) => of(header.changeType),
        gap: ({ header }) => of(header.changeType),
        overflow: () => EMPTY,
      }),
      { source: EVENTS, result: { x: 'CREATE', y: 'GAP_UPDATE' } },
    ));

  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-u-----|', '---u---|', '^------!'],
    ['one that is not wanted', '-d-----|', '-------|', '^------!'],
    ['work left at the completion', '-ug|', '---u-(g|)', '^--!'],
    ['many at once', '-(udg)--|', '---u-g--|', '^-------!'],
    ['an error', '-u----#', '---u--#', '^-----!'],
    ['an error while work is done', '-u#', '--#', '^-!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`does one after the other, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, EVENTS);
        const later = <T>(event: T) => of(event).pipe(delay(2));
        expectObservable(input.pipe(handleByType({ update: later, gap: later, overflow: later }))).toBe(result, EVENTS);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('has each event handled by the handler of its type', () => {
    expect(resultsOf(ALL)).to.deep.equal([
      'create CREATE',
      'update UPDATE',
      'delete DELETE',
      'undelete UNDELETE',
      'gap GAP_CREATE',
      'gap GAP_UPDATE',
      'gap GAP_DELETE',
      'gap GAP_UNDELETE',
      'overflow GAP_OVERFLOW',
      'snapshot SNAPSHOT',
    ]);
  });

  it('has the others handled by otherwise, those of a type that is not known too', () => {
    expect(resultsOf({ otherwise: by('otherwise') }, [...CHANGE_TYPES, 'ARCHIVE' as ChangeType])).to.deep.equal(
      [...CHANGE_TYPES, 'ARCHIVE'].map((type) => `otherwise ${type}`),
    );
  });

  it('does not want the others, where there is no otherwise', () => {
    expect(resultsOf({ ...GAPS, otherwise: undefined, delete: by('delete') })).to.deep.equal([
      'delete DELETE',
      'gap GAP_CREATE',
      'gap GAP_UPDATE',
      'gap GAP_DELETE',
      'gap GAP_UNDELETE',
      'overflow GAP_OVERFLOW',
    ]);
  });

  for (const type of ['ARCHIVE', 'toString']) {
    it(`errors at a type that is not known, ${type}, where there is no otherwise`, () => {
      const [first, error, ...others] = resultsOf({ ...ALL, otherwise: undefined }, [
        'CREATE',
        type as ChangeType,
        'DELETE',
      ]);
      expect(first).to.equal('create CREATE');
      expect(error).to.be.instanceOf(ConfigurationError);
      expect(String(error)).to.include(`of the type ${type}`);
      expect(others).to.deep.equal([]);
    });
  }

  it('gives handlers events of their type, and has the results of all of them', () => {
    interface Lead {
      readonly Age: number;
    }
    const results: (number | 'UPDATE' | 'GAP_OVERFLOW' | boolean | undefined)[] = [];
    const changes: Observable<ChangeEvent<Lead>> = of(
      changeEvent<Lead>({ data: { Age: 7 } }),
      changeEvent<Lead>({ changeType: 'UPDATE' }),
      changeEvent<Lead>({ changeType: 'GAP_OVERFLOW' }),
      changeEvent<Lead>({ changeType: 'DELETE' }),
    );
    changes
      .pipe(
        handleByType({
          create: ({ data }) => of(data.Age),
          update: ({ header }) => [header.changeType],
          overflow: ({ header }) => new Set([header.changeType] as const),
          otherwise: ({ header }) => of(header.changeType === 'DELETE'),
        }),
      )
      .subscribe((result) => results.push(result));
    expect(results).to.deep.equal([7, 'UPDATE', 'GAP_OVERFLOW', true]);
  });

  it('can be made apart from the stream', () => {
    const handling = handleByType<ChangeEvent<{ readonly Age: number }>>({
      create: ({ data }) => of(data.Age),
      otherwise: () => EMPTY,
    });
    const ages: unknown[] = [];
    of(changeEvent({ data: { Age: 7 } }))
      .pipe(handling)
      .subscribe((age) => ages.push(age));
    expect(ages).to.deep.equal([7]);
  });

  it('keeps the order of a record across types, as many at a time as concurrency says', () => {
    runMarbles(({ cold, expectObservable }) => {
      const values = {
        a: changeEvent({ recordIds: ['1'] }),
        b: changeEvent({ changeType: 'DELETE', recordIds: ['1'] }),
        c: changeEvent({ changeType: 'GAP_CREATE', recordIds: ['2'] }),
      };
      const work = (ms: number) => (event: ChangeEvent) => of(event).pipe(delay(ms));
      const handlers = { create: work(7), delete: work(2), otherwise: work(3) };
      expectObservable(cold('(abc|)', values).pipe(handleByType(handlers, { concurrency: 3 }))).toBe(
        '---c---a-(b|)',
        values,
      );
    });
  });

  it('errors, when a handler throws or errors, and when its work takes too long', () => {
    const failure = new Error('no');
    const handlers: Record<string, () => Observable<never>> = {
      throws: () => {
        throw failure;
      },
      errors: () => throwError(() => failure),
      hangs: () => NEVER,
    };
    for (const [what, handler] of Object.entries(handlers)) {
      const errors: unknown[] = [];
      runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
        const input = cold('-u-c-|', EVENTS);
        const source = delivered(input, scheduler);
        source.values
          .pipe(handleByType({ update: handler, otherwise: handler }, { timeoutMs: 1 }))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(source.settled).to.deep.equal([]);
        expectSubscriptions(input.subscriptions).toBe(what === 'hangs' ? '^-!' : '^!');
      });
      expect(errors).to.have.length(1);
      if (what !== 'hangs') expect(errors).to.deep.equal([failure]);
      else {
        expect(errors[0]).to.be.instanceOf(WorkTimeoutError);
        expect(String(errors[0])).to.include('the timeoutMs of handleByType()');
      }
    }
  });

  it('unsubscribes from its source and its work, when unsubscribed', () => {
    runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('-u-u-u', EVENTS);
      const work = cold('-----x|');
      expectObservable(source.pipe(handleByType({ otherwise: () => work })), '^--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(work.subscriptions).toBe('-^-!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const seen: number[] = [];
    range(0, Infinity)
      .pipe(
        map((index) => changeEvent({ changeType: index % 2 ? 'UPDATE' : 'DELETE', data: { index } })),
        handleByType({ ...GAPS, update: ({ data }) => [data.index!] }),
        take(2),
      )
      .subscribe((index) => seen.push(index as number));
    expect(seen).to.deep.equal([1, 3]);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const handled = cold('(uc|)', EVENTS).pipe(
        handleByType({ otherwise: ({ header }) => of(header.changeType.charAt(0)).pipe(delay(2)) }),
      );
      expectObservable(handled).toBe('--U-(C|)');
      expectObservable(handled, '-^').toBe('---U-(C|)');
    });
  });

  const wrong: [string, object][] = [
    ['gaps, or none', {}],
    ['gaps, or none', { gap: by('gap'), update: by('update') }],
    ['gaps, or none', { overflow: by('overflow') }],
    ['gaps, or none', { gap: by('gap'), overflow: undefined, otherwise: undefined }],
    ['got craete', { ...GAPS, craete: by('create') }],
    ['got UPDATE', { UPDATE: by('update'), otherwise: by('otherwise') }],
    ['got update', { update: 'later', otherwise: by('otherwise') }],
    ['got otherwise', { otherwise: null }],
  ];
  for (const [message, handlers] of wrong) {
    it(`refuses handlers ${JSON.stringify(Object.keys(handlers))}: ${message}`, () => {
      expect(() => handleByType(handlers as ChangeTypeHandlers)).to.throw(ConfigurationError, message);
    });
  }

  it('asks for otherwise, or for gap and overflow, at compile time', () => {
    // @ts-expect-error There is neither otherwise nor overflow.
    expect(() => handleByType({ gap: () => EMPTY, update: () => EMPTY })).to.throw(ConfigurationError);
    // @ts-expect-error There is none of them.
    expect(() => handleByType({ create: () => EMPTY })).to.throw(ConfigurationError);
  });

  it('refuses options out of their range, in its own name', () => {
    expect(() => handleByType(GAPS, { concurrency: 0 })).to.throw(
      ConfigurationError,
      'handleByType() got concurrency 0',
    );
  });
});
