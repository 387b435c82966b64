import type { ReplayStore } from '@rxforce/core';
import { expect } from 'chai';
import { checkPositions } from './check-storage.js';

describe('The check of positions', () => {
  const position = new Date(0);

  /** A store of which some calls fail, each with an error of its own; and what was called. */
  const storeWhere = (...failing: readonly string[]) => {
    const calls: string[] = [];
    const call = <T>(name: string, result: T): Promise<T> => {
      calls.push(name);
      return failing.includes(name) ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve(result);
    };
    const store: ReplayStore = {
      load: () => call('load', position),
      save: () => call('save', undefined),
      delete: () => call('delete', undefined),
      lock: () => Promise.resolve({ release: () => call('release', undefined) }),
    };
    return { store, calls };
  };
  const errorOf = (work: Promise<unknown>) => work.then(String, (error: unknown) => (error as Error).message);

  it('leaves neither a position nor a lock', async () => {
    const { store, calls } = storeWhere();
    expect(await checkPositions(store)).to.equal('can be locked, written and read');
    expect(calls).to.deep.equal(['save', 'load', 'delete', 'release']);
  });

  for (const [failing, says] of [
    [['save', 'delete'], 'save failed'],
    [['load', 'delete', 'release'], 'load failed'],
    [['delete', 'release'], 'delete failed'],
    [['release'], 'release failed'],
  ] as const) {
    it(`says what went wrong first, and gives the lock back, when these fail: ${failing.join(', ')}`, async () => {
      const { store, calls } = storeWhere(...failing);
      expect(await errorOf(checkPositions(store))).to.equal(says);
      expect(calls.slice(-2)).to.deep.equal(['delete', 'release']);
    });
  }
});
