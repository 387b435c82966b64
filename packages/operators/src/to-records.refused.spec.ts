import { expect } from 'chai';
import { map, throwError, timer, type Observable } from 'rxjs';
import { ChangeMismatchError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { toRecords, type ToRecordsOptions } from './to-records.js';
import {
  type Account,
  changesOf,
  CREATED,
  diffTo,
  type Event,
  event,
  GAP,
  summary,
  UPDATED,
} from '../test/support/kept-records.js';

describe('toRecords', () => {
  describe('a change that cannot be applied', () => {
    const failed = (events: readonly Event[], options: ToRecordsOptions<Account> = {}): unknown => {
      let failure: unknown;
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(
          hot(
            'abc'.slice(0, events.length),
            Object.fromEntries(events.map((each, index) => ['abc'.charAt(index), each])),
          ),
          scheduler,
        );
        source.values.pipe(toRecords(options)).subscribe({ error: (error: unknown) => (failure = error) });
        flush();
        expect(source.unsettled()).to.deep.equal([events.at(-1)]);
      });
      return failure;
    };

    for (const [what, events] of [
      ['a text diff that does not fit', [event('CREATE', { Notes: 'other' }), diffTo('old', 'new')]],
      ['a gap', [CREATED, GAP]],
    ] as const) {
      it(`errors without settling it: ${what}`, () => {
        expect(failed(events)).to.be.instanceOf(ChangeMismatchError);
      });
    }

    for (const [what, about] of [
      ['an overflow', event('GAP_OVERFLOW', {}, { recordIds: ['000000000000000AAA'] })],
      ['a wildcard', event('UPDATE', { City: null }, { recordIds: ['001*'] })],
    ] as const) {
      it(`errors without asking for the record, where there is none: ${what}`, () => {
        const error = failed([about], { onMismatch: () => expect.fail('is asked') });
        expect(error).to.be.instanceOf(ChangeMismatchError);
        expect((error as ChangeMismatchError).message).to.include('resolveGaps()');
        expect(error).to.deep.include({ topic: about.topic, replayId: about.replayId.toString() });
      });
    }

    it('errors with what onMismatch throws or errors with', () => {
      const failure = new Error('no');
      const throws = (): Observable<Account> => {
        throw failure;
      };
      for (const onMismatch of [throws, () => throwError(() => failure)]) {
        expect(failed([CREATED, GAP], { onMismatch })).to.equal(failure);
      }
    });

    it('asks for the record once, and takes the first value in its place', () => {
      const asked: unknown[] = [];
      const read: Account = { Name: 'r', City: 'r', Notes: 'new' };
      const diff = diffTo('old', 'new');
      const changes = changesOf([UPDATED, diff, event('UPDATE', { City: 'q' })], {
        onMismatch: (...args) => {
          asked.push(args);
          return [read, { Name: 'never' }];
        },
      });
      expect(changes.slice(1).map(summary)).to.deep.equal([
        { recordId: '1', data: read, before: { City: 'z' }, after: read, complete: true },
        { recordId: '1', data: { ...read, City: 'q' }, before: read, after: { ...read, City: 'q' }, complete: true },
      ]);
      expect(asked).to.have.length(1);
      const [[about, recordId, error]] = asked as [[Event, string, unknown]];
      expect([about, recordId]).to.deep.equal([diff, '1']);
      expect(error).to.be.instanceOf(ChangeMismatchError);
    });

    it('makes a SNAPSHOT of a gap, and a DELETE where the record is gone', () => {
      const read = { Name: 'r' };
      for (const [answer, changeType, after] of [
        [[read], 'SNAPSHOT', read],
        [[], 'DELETE', undefined],
        [[undefined], 'DELETE', undefined],
      ] as const) {
        const [, change] = changesOf([CREATED, GAP], { onMismatch: () => answer });
        expect(change!.header.changeType).to.equal(changeType);
        expect(change).to.deep.include({ before: CREATED.data, after, data: after ?? CREATED.data, complete: true });
      }
    });

    it('holds its event, and later ones of the record, until the record was read', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const other = event('CREATE', {}, { recordIds: ['2'] });
        const source = delivered(hot('gcu|', { g: GAP, c: other, u: UPDATED }), scheduler);
        const seen: [string, number][] = [];
        source.values
          .pipe(toRecords<Account>({ onMismatch: () => timer(5).pipe(map(() => ({ Name: 'r' }))), concurrency: 2 }))
          .subscribe(({ recordId, header }) => seen.push([recordId + header.changeType, scheduler.now()]));
        flush();
        expect(seen).to.deep.equal([
          ['2CREATE', 1],
          ['1SNAPSHOT', 5],
          ['1UPDATE', 5],
        ]);
        expect(source.settled.map(({ value, at }) => [value, at])).to.deep.equal([
          [other, 1],
          [GAP, 5],
          [UPDATED, 5],
        ]);
      });
    });

    it('is read no longer, when unsubscribed', () => {
      runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const source = hot('-g', { g: GAP });
        const read = cold<Account>('-----x');
        expectObservable(source.pipe(toRecords<Account>({ onMismatch: () => read })), '^--!').toBe('---');
        expectSubscriptions(source.subscriptions).toBe('^--!');
        expectSubscriptions(read.subscriptions).toBe('-^-!');
      });
    });
  });
});
