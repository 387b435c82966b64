import { expect } from 'chai';
import fc from 'fast-check';
import { ReplayId } from '../model/replay-id.js';
import { Watermark } from './watermark.js';

const id = (name: string) => ReplayId.fromBytes(Buffer.from(name));
const at = (watermark: Watermark) => watermark.position && Buffer.from(watermark.position.toBytes()).toString();

describe('Watermark', () => {
  it('starts where it was told to', () => {
    expect(at(new Watermark(undefined))).to.equal(undefined);
    expect(at(new Watermark(id('s')))).to.equal('s');
  });

  it('moves past an event, when everything before it is settled too', () => {
    const watermark = new Watermark(id('s'));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => watermark.open(id(name)));
    watermark.settle(b!);
    expect(at(watermark)).to.equal('s');
    watermark.settle(a!);
    expect(at(watermark)).to.equal('b');
    watermark.settle(c!);
    expect(at(watermark)).to.equal('c');
    expect(watermark.idle).to.equal(true);
  });

  it('takes a position without an event, when nothing is open', () => {
    const watermark = new Watermark(undefined);
    const a = watermark.open(id('a'));
    watermark.advance(id('k1'));
    expect(at(watermark)).to.equal(undefined);
    watermark.settle(a);
    watermark.advance(id('k2'));
    expect(at(watermark)).to.equal('k2');
  });

  it('is the last of the settled prefix, in whatever order events open and settle', () => {
    const settleOrder = fc.array(fc.nat(), { maxLength: 60 });
    fc.assert(
      fc.property(settleOrder, fc.array(fc.boolean(), { maxLength: 120 }), (picks, opens) => {
        const watermark = new Watermark(undefined);
        const events: { name: string; position: ReturnType<Watermark['open']>; settled: boolean }[] = [];
        for (const opensOne of opens) {
          const open = events.filter((event) => !event.settled);
          if (opensOne || open.length === 0) {
            const name = String(events.length);
            events.push({ name, position: watermark.open(id(name)), settled: false });
          } else {
            const event = open[(picks.shift() ?? 0) % open.length]!;
            event.settled = true;
            watermark.settle(event.position);
          }
          const firstOpen = events.findIndex((each) => !each.settled);
          const prefix = firstOpen < 0 ? events : events.slice(0, firstOpen);
          expect(at(watermark)).to.equal(prefix.at(-1)?.name);
          expect(watermark.idle).to.equal(firstOpen < 0);
        }
      }),
    );
  });
});
