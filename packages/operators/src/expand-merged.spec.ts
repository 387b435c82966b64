import { expect } from 'chai';
import { delay, map, of, range, Subject, take, tap } from 'rxjs';
import { payloadOf } from '@rxforce/core/delivery';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { batchBy } from './batch-by.js';
import { expandMerged } from './expand-merged.js';
import { handle } from './handle.js';

const merged = changeEvent({
  changeType: 'UPDATE',
  recordIds: ['1', '2', '3'],
  commitNumber: 2n ** 60n,
  data: { Name: 'x', Size: null },
});
const single = changeEvent({ recordIds: ['9'] });
const about = (recordId: string): ChangeEvent => ({
  ...merged,
  header: { ...merged.header, recordIds: [recordId] },
});
const values = { m: merged, s: single, a: about('1'), b: about('2'), c: about('3') };

describe('expandMerged', () => {
  it('does what its diagram shows', () => {
    const source = { a: single, m: changeEvent({ id: 'm', recordIds: ['1', '2'] }) };
    const copyFor = (id: string) => ({ ...source.m, header: { ...source.m.header, recordIds: [id] } });
    runDiagram('expand-merged.ts', expandMerged(), {
      source,
      result: { a: single, x: copyFor('1'), y: copyFor('2') },
    });
  });

  const cases: [string, string, string, string][] = [
    ['never', '-----', '-----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one about one record', '-s-|', '-s-|', '^--!'],
    ['one about several', '-m------|', '-(abc)--|', '^-------!'],
    ['many', '-s-m-----s|', '-s-(abc)-s|', '^---------!'],
    ['many at once', '-(smsm)-----|', '-(sabcsabc)-|', '^-----------!'],
    ['an error', '-m-----#', '-(abc)-#', '^------!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`emits an event for each record, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, values);
        expectObservable(input.pipe(expandMerged())).toBe(result, values);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  for (const recordIds of [['9'], ['001*'], ['000000000000000AAA'], []]) {
    it(`passes the event itself on, when its record ids are [${recordIds.join()}]`, () => {
      const event = changeEvent({ recordIds });
      const seen: unknown[] = [];
      of(event)
        .pipe(expandMerged())
        .subscribe((each) => seen.push(each));
      expect(seen).to.have.length(1);
      expect(seen[0]).to.equal(event);
    });
  }

  it('leaves the merged event as it was', () => {
    const before = structuredClone(merged.header);
    of(merged).pipe(expandMerged()).subscribe();
    expect(merged.header).to.deep.equal(before);
  });

  it('keeps what the event carries, so that its bytes can be told, and an early settlement', () => {
    const early: string[] = [];
    const payload = Uint8Array.of(1, 2);
    const delivery = {
      payload,
      ended: () => true,
      covers: () => false,
      reportEarlySettlement: (beside: string) => early.push(beside),
    };
    const payloads: unknown[] = [];
    of({ ...merged, [Symbol.for('@rxforce/core/delivery/3')]: delivery })
      .pipe(
        expandMerged(),
        tap((event) => payloads.push(payloadOf(event))),
        handle((event) => of(event)),
      )
      .subscribe();
    expect(payloads).to.deep.equal([payload, payload, payload]);
    expect(early).to.deep.equal(['alone', 'alone', 'alone']);
  });

  it('errors, when something comes that is no change event', () => {
    runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
      const input = cold('-s-z-s', { s: single, z: {} as ChangeEvent });
      const source = delivered(input, scheduler);
      const errors: unknown[] = [];
      source.values.pipe(expandMerged()).subscribe({ error: (error: unknown) => errors.push(error) });
      flush();
      expect(errors[0]).to.be.instanceOf(TypeError);
      expect(source.settled.map(({ at }) => at)).to.deep.equal([1]);
      expectSubscriptions(input.subscriptions).toBe('^--!');
    });
  });

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-s-s-s', values);
      expectObservable(source.pipe(expandMerged()), '^---!').toBe('-s-s-', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const ids: (string | undefined)[] = [];
    range(0, Infinity)
      .pipe(
        map(() => merged),
        expandMerged(),
        take(4),
      )
      .subscribe(({ header }) => ids.push(header.recordIds[0]));
    expect(ids).to.deep.equal(['1', '2', '3', '1']);
  });

  it('emits no more of an event, when its subscriber unsubscribes in the middle of it', () => {
    const source = new Subject<ChangeEvent>();
    const seen: ChangeEvent[] = [];
    const subscription = source.pipe(expandMerged()).subscribe((event) => {
      seen.push(event);
      subscription.unsubscribe();
    });
    source.next(merged);
    expect(seen).to.deep.equal([about('1')]);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const expanded = cold('-m------|', values).pipe(expandMerged());
      expectObservable(expanded).toBe('-(abc)--|', values);
      expectObservable(expanded, '--^').toBe('---(abc)--|', values);
    });
  });

  describe('deliveries', () => {
    it('are settled at once, when nothing downstream keeps them', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered(hot('-m-s', values), scheduler);
        source.values.pipe(expandMerged()).subscribe();
        expectSettled(source).toBe('-m-s', values);
      });
    });

    it('are settled when the work on all records is done', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered(hot('-m----', values), scheduler);
        const times: Record<string, number> = { 1: 4, 2: 7, 3: 1 };
        source.values
          .pipe(
            expandMerged(),
            handle((event) => of(event).pipe(delay(times[event.header.recordIds[0]!]!)), { concurrency: 3 }),
          )
          .subscribe();
        expectSettled(source).toBe('--------m', values);
      });
    });

    it('are settled with the last of the batches that their copies are in', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered(hot('-m-s', values), scheduler);
        source.values.pipe(expandMerged(), batchBy(2, 9)).subscribe();
        expectSettled(source).toBe('---(ms)', values);
      });
    });

    it('are not settled, when the copy for the first record left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-s-m-s', values), scheduler);
        source.values.pipe(expandMerged(), take(2)).subscribe();
        flush();
        expect(source.settled.map(({ value }) => value)).to.deep.equal([single]);
        expect(source.unsettled()).to.deep.equal([merged]);
      });
    });
  });
});
