import { expect } from 'chai';
import fc from 'fast-check';
import { ReplayId } from '../model/replay-id.js';
import { RecentEvents } from './recent-events.js';

const at = (name: string) => ReplayId.fromBytes(Buffer.from(name));

describe('RecentEvents', () => {
  it('knows an event that came before, by its id and its replay id', () => {
    const recent = new RecentEvents();
    expect(recent.seen('a', at('1'))).to.equal(false);
    expect(recent.seen('a', at('1'))).to.equal(true);
    expect(recent.seen('a', at('1'))).to.equal(true);
  });

  it('takes an event that shares only its replay id with another for a new one', () => {
    const recent = new RecentEvents();
    recent.seen('a', at('1'));
    expect(recent.seen('b', at('1'))).to.equal(false);
    expect([recent.seen('a', at('1')), recent.seen('b', at('1'))]).to.deep.equal([true, true]);
  });

  it('takes an event that shares only its id with another for a new one', () => {
    const recent = new RecentEvents();
    recent.seen('a', at('1'));
    expect(recent.seen('a', at('2'))).to.equal(false);
    expect(recent.seen('a', at('2'))).to.equal(true);
  });

  it('cannot tell events without an id', () => {
    const recent = new RecentEvents();
    recent.seen('', at('1'));
    expect(recent.seen('', at('1'))).to.equal(false);
  });

  it('knows nothing, once cleared, of either generation', () => {
    const recent = new RecentEvents();
    for (let index = 0; index < 400; index++) recent.seen(`e${index}`, at(`${index}`));
    recent.clear();
    expect(recent.seen('e0', at('0'))).to.equal(false);
    expect(recent.seen('e399', at('399'))).to.equal(false);
  });

  it('knows more of the last ones than the service can have outstanding, and forgets what is long ago', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), fc.nat(), (count, pick) => {
        const recent = new RecentEvents();
        for (let index = 0; index < count; index++) recent.seen(`e${index}`, at(`${index}`));
        const last = count - 1 - (pick % 300);
        if (last >= 0) expect(recent.seen(`e${last}`, at(`${last}`)), `e${last} of ${count}`).to.equal(true);
        if (count > 600) expect(recent.seen('e0', at('0')), `e0 of ${count}`).to.equal(false);
      }),
    );
  });

  it('knows the last 300 and no others, whatever the lengths of their replay ids', () => {
    const replayId = fc.tuple(fc.constantFrom(1, 8, 10, 12), fc.integer({ min: 0, max: 200 }));
    const event = fc.record({ id: fc.constantFrom('a', 'b'), replayId });
    fc.assert(
      fc.property(fc.array(event, { minLength: 500, maxLength: 900 }), (events) => {
        const recent = new RecentEvents();
        const last: string[] = [];
        for (const {
          id,
          replayId: [length, number],
        } of events) {
          const bytes = Buffer.alloc(length, number);
          const key = `${id} ${bytes.toString('hex')}`;
          expect(recent.seen(id, ReplayId.fromBytes(bytes)), key).to.equal(last.includes(key));
          if (last.includes(key)) continue;
          last.push(key);
          if (last.length > 300) last.shift();
        }
      }),
      { numRuns: 30 },
    );
  });
});
