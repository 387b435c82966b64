import { expect } from 'chai';
import fc from 'fast-check';
import { InFlight } from './in-flight.js';

const request = (...ids: string[]) => ({ ids });

describe('InFlight', () => {
  it('knows which request an answer is to, by its ids in order', () => {
    const inFlight = new InFlight<{ ids: string[] }>();
    const [first, second] = [request('a', 'b'), request('c')];
    inFlight.sent(first);
    inFlight.sent(second);
    expect(inFlight.answered(['x', 'y'])).to.equal(undefined);
    expect(inFlight.answered(['a', 'b'])).to.equal(first);
    expect(inFlight.answered(['a', 'b'])).to.equal(undefined);
    expect(inFlight.answered(['c'])).to.equal(second);
    expect(inFlight.count).to.equal(0);
  });

  for (const [what, ids] of [
    ['leaves some out', ['d']],
    ['doubles some', ['c', 'c', 'd']],
    ['mixes them up', ['d', 'c']],
    ['adds some that were not sent', ['c', 'd', 'x']],
    ['names some of them only', ['', 'd']],
  ] as const) {
    it(`knows the request that has some of them, where an answer ${what}`, () => {
      const inFlight = new InFlight<{ ids: string[] }>();
      const [first, second] = [request('a', 'b'), request('c', 'd')];
      inFlight.sent(first);
      inFlight.sent(second);
      expect(inFlight.answered(ids)).to.equal(second);
      expect(inFlight.count).to.equal(1);
    });
  }

  it('takes the oldest, where an answer names none', () => {
    for (const ids of [[], [''], ['', '', '']]) {
      const inFlight = new InFlight<{ ids: string[] }>();
      const [first, second] = [request('a', 'b'), request('c')];
      inFlight.sent(first);
      inFlight.sent(second);
      expect(inFlight.answered(ids)).to.equal(first);
    }
    expect(new InFlight().answered([])).to.equal(undefined);
  });

  it('takes the oldest, where ids are the same', () => {
    const inFlight = new InFlight<{ ids: string[] }>();
    const [first, second] = [request('a'), request('a')];
    inFlight.sent(first);
    inFlight.sent(second);
    expect(inFlight.answered(['a'])).to.equal(first);
    expect(inFlight.answered(['a'])).to.equal(second);
  });

  it('loses none and keeps their order, however often streams break', () => {
    const steps = fc.array(fc.constantFrom('send', 'answer', 'break'), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (actions) => {
        const inFlight = new InFlight<{ ids: string[] }>();
        const answered: number[] = [];
        let onStream: number[] = [];
        let made = 0;
        for (const action of actions) {
          if (action === 'send') {
            const next = inFlight.takeAgain() ?? request(String(made++));
            onStream.push(Number(next.ids[0]));
            inFlight.sent(next);
          } else if (action === 'answer' && onStream.length > 0) {
            const id = onStream.shift() ?? -1;
            expect(inFlight.answered([String(id)])?.ids).to.deep.equal([String(id)]);
            answered.push(id);
          } else if (action === 'break') {
            inFlight.sendAgain(inFlight.takeUnanswered());
            onStream = [];
          }
          expect(inFlight.count).to.equal(onStream.length);
        }
        const left = [...inFlight.takeUnanswered().map(({ ids }) => Number(ids[0]))];
        for (let next = inFlight.takeAgain(); next; next = inFlight.takeAgain()) left.push(Number(next.ids[0]));
        expect([...answered, ...left]).to.deep.equal(Array.from({ length: made }, (_, index) => index));
      }),
    );
  });
});
