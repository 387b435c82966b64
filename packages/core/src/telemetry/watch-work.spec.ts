import { expect } from 'chai';
import { EMPTY, isObservable, lastValueFrom, NEVER, of, Subject, take, throwError, toArray } from 'rxjs';
import { watchWork, type WorkEnd } from './watch-work.js';

const broken = new Error('broken');

/** The ends of work, and how often a part of it was called. */
function watched<W>(start: () => W) {
  const ends: WorkEnd[] = [];
  const seen = { calls: 0 };
  const within = <T>(call: () => T): T => {
    seen.calls++;
    return call();
  };
  const work = watchWork(start, { within, ended: (end) => ends.push(end) });
  return { work, ends, seen };
}

const OK = [{ type: 'ok' }];
const FAILED = [{ type: 'failed', error: broken }];
const UNSUBSCRIBED = [{ type: 'unsubscribed' }];

describe('watchWork()', () => {
  it('ends at once, when a function returns nothing or a list', () => {
    expect(watched(() => undefined).ends).to.deep.equal(OK);
    const { work, ends } = watched(() => [1, 2]);
    expect(work).to.deep.equal([1, 2]);
    expect(ends).to.deep.equal(OK);
  });

  it('throws what the function throws', () => {
    const ends: WorkEnd[] = [];
    const start = () => {
      throw broken;
    };
    expect(() => watchWork(start, { within: (call) => call(), ended: (end) => ends.push(end) })).to.throw(broken);
    expect(ends).to.deep.equal(FAILED);
  });

  it('ends with a promise, and passes on what it has', async () => {
    const good = watched(() => Promise.resolve(7));
    expect(good.ends).to.deep.equal([]);
    expect(await good.work).to.equal(7);
    expect(good.ends).to.deep.equal(OK);
    const bad = watched(() => Promise.reject<number>(broken));
    expect(await bad.work.catch((error: unknown) => error)).to.equal(broken);
    expect(bad.ends).to.deep.equal(FAILED);
  });

  it('ends with an Observable, and subscribes to it within', () => {
    const values = new Subject<number>();
    const { work, ends, seen } = watched(() => values);
    expect(isObservable(work)).to.equal(true);
    expect(seen.calls).to.equal(1);
    const got: number[] = [];
    work.subscribe((value) => got.push(value));
    expect(seen.calls).to.equal(2);
    values.next(1);
    expect(ends).to.deep.equal([]);
    values.complete();
    expect(got).to.deep.equal([1]);
    expect(ends).to.deep.equal(OK);
  });

  it('says how an Observable ended', () => {
    const failing = watched(() => throwError(() => broken));
    failing.work.subscribe({ error: () => undefined });
    expect(failing.ends).to.deep.equal(FAILED);
    const left = watched(() => NEVER);
    left.work.subscribe().unsubscribe();
    expect(left.ends).to.deep.equal(UNSUBSCRIBED);
    const early = watched(() => of(1, 2));
    early.work.pipe(take(1)).subscribe();
    expect(early.ends).to.deep.equal(UNSUBSCRIBED);
  });

  it('ends once, although the Observable is subscribed to twice', () => {
    const { work, ends } = watched(() => EMPTY);
    work.subscribe();
    work.subscribe();
    expect(ends).to.deep.equal(OK);
  });

  it('sees each step of an iterable, and how it ended', () => {
    const numbers = function* () {
      yield 1;
      yield 2;
    };
    const plain = watched(numbers);
    expect([...plain.work]).to.deep.equal([1, 2]);
    expect(plain.ends).to.deep.equal(OK);
    expect(plain.seen.calls).to.equal(5);

    const left = watched(numbers);
    left.work.next();
    left.work.return(undefined);
    expect(left.ends).to.deep.equal(UNSUBSCRIBED);

    const failing = watched(function* () {
      yield 1;
      throw broken;
    });
    expect(() => [...failing.work]).to.throw(broken);
    expect(failing.ends).to.deep.equal(FAILED);
  });

  it('sees each step of an asynchronous iterable, and how it ended', async () => {
    const numbers = async function* () {
      yield await Promise.resolve(1);
      yield 2;
    };
    const all = watched(numbers);
    const collected: number[] = [];
    for await (const value of all.work) collected.push(value);
    expect(collected).to.deep.equal([1, 2]);
    expect(all.ends).to.deep.equal(OK);

    let isClosed = false;
    const left = watched(async function* () {
      try {
        yield* numbers();
      } finally {
        isClosed = true;
      }
    });
    await left.work.next();
    await left.work.return(undefined);
    expect(isClosed).to.equal(true);
    expect(left.ends).to.deep.equal(UNSUBSCRIBED);

    const failing = watched(async function* () {
      yield await Promise.reject<number>(broken);
    });
    const error = await failing.work.next().catch((thrown: unknown) => thrown);
    expect(error).to.equal(broken);
    expect(failing.ends).to.deep.equal(FAILED);
  });

  it('passes on all values', async () => {
    expect(await lastValueFrom(watched(() => of(1, 2, 3)).work.pipe(toArray()))).to.deep.equal([1, 2, 3]);
  });
});
