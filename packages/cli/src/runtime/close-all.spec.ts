import { expect } from 'chai';
import { closeAll } from './close-all.js';

describe('closeAll', () => {
  it('closes all, and rejects with the first error, when some fail', async () => {
    const closed: string[] = [];
    const of = (name: string, error?: Error) => ({
      close: async () => {
        closed.push(name);
        await Promise.resolve();
        if (error) throw error;
      },
    });
    const first = new Error('of b');
    const all = [of('a'), undefined, of('b', first), {}, of('c', new Error('of c')), of('d')];
    const error: unknown = await closeAll(all).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.equal(first);
    expect(closed).to.deep.equal(['a', 'b', 'c', 'd']);
  });
});
