import { expect } from 'chai';
import { EMPTY, NEVER, Subject, take, type Observable } from 'rxjs';
import { runMarbles } from '@rxforce/core/testing';
import { Slots } from './slots.js';

describe('Slots', () => {
  it('let so much work run at a time, in the order of its subscriptions', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slots = new Slots(2);
      const works = [cold('--a|'), cold('-b---|'), cold('-c|'), cold('d|')];
      const results = ['--a|', '-b---|', '----c|', '-----d|'];
      works.forEach((work, index) => expectObservable(slots.limit(work)).toBe(results[index]!));
      ['^--!', '^----!', '---^-!', '-----^!'].forEach((subscription, index) => {
        expectSubscriptions(works[index]!.subscriptions).toBe(subscription);
      });
    });
  });

  it('are given back by an error, and by unsubscribing', () => {
    runMarbles(({ cold, expectObservable }) => {
      const slots = new Slots(1);
      expectObservable(slots.limit(cold('--#'))).toBe('--#');
      expectObservable(slots.limit(cold('-a-b')), '^---!').toBe('---a');
      expectObservable(slots.limit(cold('-c|'))).toBe('-----c|');
    });
  });

  it('are not taken by work that was unsubscribed while it waited', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slots = new Slots(1);
      const dropped = cold('-x|');
      expectObservable(slots.limit(cold('---a|'))).toBe('---a|');
      expectObservable(slots.limit(dropped), '^-!').toBe('---');
      expectObservable(slots.limit(cold('-b|'))).toBe('-----b|');
      expectSubscriptions(dropped.subscriptions).toBe([]);
    });
  });

  it('pass on what work emits, and end it when a taker is full', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('-a-b-c');
      expectObservable(new Slots(1).limit(work).pipe(take(2))).toBe('-a-(b|)');
      expectSubscriptions(work.subscriptions).toBe('^--!');
    });
  });

  it('let 100,000 run that complete at once, without growing the stack', () => {
    const slots = new Slots(1);
    const gate = new Subject<never>();
    let completed = 0;
    const run = (work: Observable<never>) => slots.limit(work).subscribe({ complete: () => completed++ });
    run(gate);
    for (let count = 0; count < 100_000; count++) run(EMPTY);
    gate.complete();
    expect(completed).to.equal(100_001);
  });

  it('let work start that other work subscribes to, while there are slots', () => {
    const slots = new Slots(Infinity);
    let inner = 0;
    slots.limit(EMPTY).subscribe({
      complete: () => {
        slots.limit(NEVER).subscribe();
        slots.limit(EMPTY).subscribe({ complete: () => inner++ });
      },
    });
    expect(inner).to.equal(1);
  });
});
