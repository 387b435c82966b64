import { expect } from 'chai';
import { BehaviorSubject, Subject } from 'rxjs';
import { DELIVERY, type Delivery } from './delivery.js';
import { scope } from './scope.js';
import { isThenable, waitingObserver, worksAsynchronously } from './waiting-observer.js';

/** Gives a promise that can be seen, and what its handlers were, as `then` was given them. */
function rejecting(reason: unknown) {
  const rethrown: unknown[] = [];
  const result = {
    then: (_done: unknown, failed: (reason: unknown) => unknown) => {
      try {
        failed(reason);
      } catch (error) {
        rethrown.push(error);
      }
    },
  };
  return { result, rethrown };
}

describe('waitingObserver', () => {
  const reason = new Error('mine');

  it('throws a rejection again, where there is no delivery to fail', () => {
    const { result, rethrown } = rejecting(reason);
    waitingObserver<number>({ next: () => result as never }).next?.(1);
    expect(rethrown).to.deep.equal([reason]);
  });

  it('throws a rejection again, where the delivery has been settled before', () => {
    const { result, rethrown } = rejecting(reason);
    const settled = {
      ended: () => true,
      reportEarlySettlement: () => undefined,
      hold: () => ({ state: () => 'dead', track: () => undefined, fail: () => undefined }),
    };
    // What is in scope is the settled one: as a last subscriber that is given a replayed event in its call finds it.
    scope.enter(settled as unknown as Delivery);
    waitingObserver<object>({ next: () => result as never }).next?.({ [DELIVERY]: settled });
    scope.enter(undefined);
    expect(rethrown).to.deep.equal([reason]);
  });

  it('fails the delivery with a rejection, and throws nothing', () => {
    const { result, rethrown } = rejecting(reason);
    const failed: unknown[] = [];
    const open = {
      hold: () => ({ state: () => 'open', track: () => undefined, fail: (error: unknown) => failed.push(error) }),
    };
    scope.enter(open as unknown as Delivery);
    waitingObserver<object>({ next: () => result as never }).next?.({ [DELIVERY]: open });
    scope.enter(undefined);
    expect([failed, rethrown]).to.deep.equal([[reason], []]);
  });

  it('takes an event that its `next` did not hold, and not one that it holds', () => {
    const taken: string[] = [];
    const delivery = { claims: 1, take: (by: string) => taken.push(by) };
    const run = (next: () => void) => {
      scope.enter(delivery as unknown as Delivery);
      waitingObserver<number>({ next }).next?.(1);
      scope.enter(undefined);
    };
    run(() => undefined);
    run(() => {
      delivery.claims++;
    });
    expect(taken).to.deep.equal(['subscriber']);
  });

  it('leaves a Subject, and an observer without `next`, as they are', () => {
    for (const observer of [new Subject<number>(), new BehaviorSubject(1), { complete: () => undefined }]) {
      expect(waitingObserver<number>(observer)).to.equal(observer);
    }
  });
});

describe('worksAsynchronously', () => {
  it('knows async functions from others', () => {
    expect(worksAsynchronously(async () => Promise.resolve())).to.equal(true);
    for (const other of [() => Promise.resolve(), undefined, null, 'async']) {
      expect(worksAsynchronously(other)).to.equal(false);
    }
  });
});

describe('isThenable', () => {
  it('is true of promises of whatever kind, and of nothing else', () => {
    expect([Promise.resolve(), { then: () => undefined }].every(isThenable)).to.equal(true);
    expect([undefined, null, 1, 'then', {}, { then: 1 }].some(isThenable)).to.equal(false);
  });
});
