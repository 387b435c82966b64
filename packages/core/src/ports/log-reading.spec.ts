import { expect } from 'chai';
import { EMPTY, NEVER, of, Subject, type Observable } from 'rxjs';
import { readByDemand } from './log-reading.js';

describe('readByDemand', () => {
  /** What a reading is asked for, and what its reader sees of it. */
  const read = (demand: Observable<number>, response = { entries: [], latest: undefined }) => {
    const calls: unknown[] = [];
    const reading = readByDemand(demand, (subscriber) => ({
      begin: () => {
        calls.push('begin');
        subscriber.next(response);
      },
      want: (count) => calls.push(count),
      stop: () => calls.push('stop'),
    })).subscribe({
      next: (each) => calls.push(each),
      error: (error: unknown) => calls.push(error),
      complete: () => calls.push('complete'),
    });
    return { calls, reading, response };
  };

  it('hands on what is wanted, also before the reading begins, and what the reader emits', () => {
    const { calls, response } = read(of(3));
    expect(calls.slice(0, 1)).to.deep.equal([3]);
    const later = new Subject<number>();
    const other = read(later);
    later.next(2);
    expect(other.calls).to.deep.equal(['begin', response, 2]);
  });

  it('ends with the demand, and stops the reader', () => {
    const demand = new Subject<number>();
    const { calls, response } = read(demand);
    demand.complete();
    expect(calls).to.deep.equal(['begin', response, 'complete', 'stop']);
    const failing = new Subject<number>();
    const failed = read(failing);
    const error = new Error('no more');
    failing.error(error);
    expect(failed.calls).to.deep.equal(['begin', response, error, 'stop']);
  });

  it('begins nothing, when the demand has ended in the subscription', () => {
    expect(read(EMPTY).calls).to.deep.equal(['complete', 'stop']);
  });

  it('stops the reader and the demand, when nobody reads any more', () => {
    const demand = new Subject<number>();
    const { calls, reading } = read(demand);
    reading.unsubscribe();
    expect(demand.observed).to.equal(false);
    expect(calls.at(-1)).to.equal('stop');
  });

  it('reads anew for each subscription', () => {
    let readers = 0;
    const reading = readByDemand(NEVER, () => {
      readers++;
      return { begin: () => undefined, want: () => undefined, stop: () => undefined };
    });
    expect(readers).to.equal(0);
    reading.subscribe().unsubscribe();
    reading.subscribe().unsubscribe();
    expect(readers).to.equal(2);
  });
});
