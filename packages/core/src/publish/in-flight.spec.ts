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
    expect(inFlight.answered(['b', 'a'])).to.equal(undefined);
    expect(inFlight.answered(['a'])).to.equal(undefined);
    expect(inFlight.answered(['a', 'b'])).to.equal(first);
    expect(inFlight.answered(['a', 'b'])).to.equal(undefined);
    expect(inFlight.answered(['c'])).to.equal(second);
    expect(inFlight.count).to.equal(0);
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
