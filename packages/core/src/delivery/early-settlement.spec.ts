import { expect } from 'chai';
import {
  concatMap,
  connect,
  delay,
  map,
  merge,
  of,
  take,
  tap,
  bufferCount,
  withLatestFrom,
  type Observable,
} from 'rxjs';
import { keep } from '../../test/support/keep.js';
import { delivered } from '../testing/delivered.js';
import { runMarbles } from '../testing/run-marbles.js';
import { DELIVERY } from './delivery.js';
import { hold } from '../delivery.js';
import { virtual } from '../../test/support/emission-runs.js';

describe('Early settlement', () => {
  /** Values of their own that carry their delivery, as events do. */
  function runEvents(marbles: string, build: (values: Observable<object>) => Observable<unknown>) {
    const reports: string[] = [];
    runMarbles(({ hot, scheduler, flush }) => {
      virtual.time = scheduler;
      const source = delivered<string>(hot(marbles), scheduler);
      build(source.values.pipe(map(carrying))).subscribe({ error: () => undefined });
      flush();
      reports.push(...source.settledEarly.map(({ value, beside }) => `${value} ${beside}`));
    });
    return reports;
  }
  const carrying = (value: string) => {
    const held = hold();
    held.release();
    return { value, [DELIVERY]: held.delivery() };
  };
  const holding = () => keep<unknown>((_value, held) => held.release());

  it('is not told, when the event comes in its scope', () => {
    expect(runEvents('-a-b', (values) => values.pipe(holding()))).to.deep.equal([]);
  });

  it('is told for an event alone, with delay', () => {
    expect(runEvents('-a', (values) => values.pipe(delay(3), holding()))).to.deep.equal(['a alone']);
  });

  it('is told for an event alone, with a concatMap that keeps it waiting', () => {
    const reports = runEvents('-(ab)', (values) =>
      values.pipe(
        concatMap((event) => of(event).pipe(delay(2))),
        holding(),
      ),
    );
    expect(reports).to.deep.equal(['a alone', 'b alone']);
  });

  it('is told for the others, with bufferCount', () => {
    const reports = runEvents('-a-b-c', (values) => values.pipe(bufferCount(3), holding()));
    expect(reports).to.deep.equal(['a among-others', 'b among-others']);
  });

  it('is told for the other, with withLatestFrom', () => {
    const reports = runEvents('-a--b', (values) =>
      values.pipe(connect((shared) => shared.pipe(withLatestFrom(shared.pipe(take(1))), holding()))),
    );
    expect(reports).to.deep.equal(['a among-others']);
  });

  it('is not told and the event is held, when another hold still keeps it open', () => {
    const settledAt: number[] = [];
    runMarbles(({ hot, scheduler, flush }) => {
      virtual.time = scheduler;
      const source = delivered<string>(hot('-a'), scheduler);
      source.values
        .pipe(
          map(carrying),
          connect((shared) =>
            merge(
              shared.pipe(keep((_value, held) => scheduler.schedule(() => held.release(), 3))),
              shared.pipe(
                delay(2),
                keep<unknown>((_value, held) => scheduler.schedule(() => held.release(), 7)),
              ),
            ),
          ),
        )
        .subscribe();
      flush();
      settledAt.push(...source.settled.map(({ at }) => at));
      expect(source.settledEarly).to.deep.equal([]);
    });
    expect(settledAt).to.deep.equal([10]);
  });

  it('is not told for an event that will never be settled', () => {
    const reports = runEvents('-a-b', (values) =>
      values.pipe(
        tap(() => hold().abandon()),
        delay(1),
        holding(),
      ),
    );
    expect(reports).to.deep.equal([]);
  });
});
