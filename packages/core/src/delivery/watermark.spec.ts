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
    expect(at(watermark)).to.equal('a');
    watermark.advance(id('k2'));
    expect(at(watermark)).to.equal('k2');
  });

  it('stands before the first of several events with one replay id, while any of them is open', () => {
    const watermark = new Watermark(id('s'));
    const [a, first, second, after] = ['a', 'x', 'x', 'y'].map((name) => watermark.open(id(name)));
    [a, first, after].forEach((each) => watermark.settle(each!));
    expect(at(watermark)).to.equal('a');
    watermark.settle(second!);
    expect(at(watermark)).to.equal('y');
  });

  it('takes an event without a replay id to share the one before', () => {
    const watermark = new Watermark(id('s'));
    const nowhere = watermark.open(undefined);
    const a = watermark.open(id('a'));
    const beside = watermark.open(undefined);
    watermark.settle(nowhere);
    watermark.settle(a);
    expect(at(watermark)).to.equal('s');
    watermark.settle(beside);
    expect(at(watermark)).to.equal('a');
  });

  it('never is an empty position, when the first event has none', () => {
    const watermark = new Watermark(undefined);
    watermark.settle(watermark.open(undefined));
    expect(watermark.position).to.equal(undefined);
  });

  it('lets go of what came after a settled event', () => {
    const watermark = new Watermark(undefined);
    const [a, b] = ['a', 'b'].map((name) => watermark.open(id(name)));
    watermark.settle(a!);
    watermark.settle(b!);
    expect([a?.next, a?.previous, b?.next, b?.previous]).to.deep.equal([undefined, undefined, undefined, undefined]);
  });

  it('counts what was received, and what is settled without a gap', () => {
    const watermark = new Watermark(id('s'));
    expect([watermark.received, watermark.settled]).to.deep.equal([0, 0]);
    const [a, b, c] = ['a', 'b', 'b'].map((name) => watermark.open(id(name)));
    expect([a, b, c].map((position) => position?.index)).to.deep.equal([0, 1, 2]);
    expect([watermark.received, watermark.settled]).to.deep.equal([3, 0]);
    watermark.settle(b!);
    expect(watermark.settled).to.equal(0);
    watermark.settle(a!);
    expect(watermark.settled).to.equal(2);
    watermark.settle(c!);
    expect([watermark.received, watermark.settled]).to.deep.equal([3, 3]);
  });

  it('names the event it stands before', () => {
    const watermark = new Watermark(undefined);
    expect(watermark.oldestOpen).to.equal(undefined);
    const [a, b] = ['a', 'b'].map((name) => watermark.open(id(name)));
    expect(watermark.oldestOpen).to.equal(a).and.have.property('replayId').that.deep.equals(id('a'));
    watermark.settle(a!);
    expect(watermark.oldestOpen).to.equal(b);
    watermark.settle(b!);
    expect(watermark.oldestOpen).to.equal(undefined);
  });

  it('knows the last id received, settled or not, and where it started', () => {
    const name = (watermark: Watermark) => watermark.lastReceived?.toString();
    const watermark = new Watermark(undefined);
    expect(name(watermark)).to.equal(undefined);
    watermark.restart(id('s'));
    expect(name(watermark)).to.equal(id('s').toString());
    watermark.open(id('a'));
    watermark.open(undefined);
    expect(name(watermark)).to.equal(id('a').toString());
    watermark.advance(id('k'));
    expect(name(watermark)).to.equal(id('a').toString());
  });

  it('starts again somewhere else: what is open from before gives no position of before', () => {
    for (const place of [id('n'), undefined]) {
      const watermark = new Watermark(id('s'));
      const [a, b] = ['a', 'b'].map((name) => watermark.open(id(name)));
      watermark.restart(place);
      const where = place && 'n';
      expect([at(watermark), watermark.lastReceived]).to.deep.equal([where, place]);
      const [c, d] = ['c', 'd'].map((name) => watermark.open(id(name)));
      watermark.settle(a!);
      expect(at(watermark)).to.equal(where);
      watermark.settle(c!);
      expect(at(watermark)).to.equal(where);
      watermark.settle(b!);
      expect(at(watermark)).to.equal('c');
      watermark.settle(d!);
      expect([at(watermark), watermark.settled]).to.deep.equal(['d', 4]);
    }
  });

  it('starts again, also when it was idle, or at an id it knew', () => {
    const watermark = new Watermark(id('s'));
    watermark.settle(watermark.open(id('a')));
    watermark.restart(undefined);
    expect(at(watermark)).to.equal(undefined);
    const again = watermark.open(id('a'));
    expect(at(watermark)).to.equal(undefined);
    watermark.settle(again);
    expect(at(watermark)).to.equal('a');
  });

  it('stands at a position without an event, until the next one after it is settled', () => {
    const watermark = new Watermark(id('s'));
    watermark.advance(id('k'));
    const a = watermark.open(id('a'));
    expect(at(watermark)).to.equal('k');
    watermark.settle(a);
    expect([at(watermark), watermark.settled]).to.deep.equal(['a', 1]);
  });

  it('stays where a keepalive says it is already, also for an event that shares that id', () => {
    const watermark = new Watermark(id('s'));
    watermark.settle(watermark.open(id('x')));
    watermark.advance(id('x'));
    const late = watermark.open(id('x'));
    expect(at(watermark)).to.equal('s');
    watermark.settle(late);
    expect(at(watermark)).to.equal('x');
  });

  describe('where events may share an id', () => {
    const resumes = (watermark: Watermark) => watermark.resumesAfter?.toString();
    const named = (name: string) => id(name).toString();

    it('moves past the last id only when another one has come', () => {
      const watermark = new Watermark(id('s'), true);
      watermark.settle(watermark.open(id('x')));
      expect([at(watermark), watermark.settled, resumes(watermark)]).to.deep.equal(['s', 0, named('s')]);
      watermark.settle(watermark.open(id('x')));
      expect([at(watermark), watermark.settled]).to.deep.equal(['s', 0]);
      const y = watermark.open(id('y'));
      expect([at(watermark), watermark.settled, resumes(watermark)]).to.deep.equal(['x', 2, named('x')]);
      watermark.settle(y);
      expect([at(watermark), watermark.settled]).to.deep.equal(['x', 2]);
    });

    it('moves past the last id, when a keepalive comes', () => {
      const watermark = new Watermark(id('s'), true);
      watermark.settle(watermark.open(id('x')));
      watermark.advance(id('x'));
      expect([at(watermark), watermark.settled, resumes(watermark)]).to.deep.equal(['x', 1, named('x')]);
      watermark.settle(watermark.open(id('y')));
      watermark.advance(id('k'));
      expect([at(watermark), watermark.settled, resumes(watermark)]).to.deep.equal(['k', 2, named('k')]);
    });

    it('knows no position before the second id, and nowhere to go on after', () => {
      const watermark = new Watermark(undefined, true);
      watermark.settle(watermark.open(id('x')));
      expect([at(watermark), resumes(watermark)]).to.deep.equal([undefined, undefined]);
    });

    it('starts again where it is told to', () => {
      const watermark = new Watermark(undefined, true);
      watermark.open(id('x'));
      watermark.restart(id('n'));
      expect(resumes(watermark)).to.equal(named('n'));
    });
  });

  it('is the last id whose events and all before are settled, in whatever order they open and settle', () => {
    const steps = fc.array(fc.record({ opens: fc.boolean(), shares: fc.boolean(), pick: fc.nat() }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(steps, fc.boolean(), (list, sharesIds) => {
        const watermark = new Watermark(undefined, sharesIds);
        const events: { name: string; position: ReturnType<Watermark['open']>; settled: boolean }[] = [];
        for (const { opens, shares, pick } of list) {
          const open = events.filter((event) => !event.settled);
          if (opens || open.length === 0) {
            const name = (shares ? events.at(-1)?.name : undefined) ?? String(events.length);
            events.push({ name, position: watermark.open(id(name)), settled: false });
          } else {
            const event = open[pick % open.length]!;
            event.settled = true;
            watermark.settle(event.position);
          }
          const firstOpen = events.find((each) => !each.settled);
          const before = firstOpen
            ? events.slice(
                0,
                events.findIndex(({ name }) => name === firstOpen.name),
              )
            : events;
          const last = events.at(-1)!.name;
          const passed = sharesIds ? before.filter(({ name }) => name !== last) : before;
          expect(at(watermark)).to.equal(passed.at(-1)?.name);
          // Everything that the watermark has passed is settled, so it can be counted as such.
          expect(watermark.settled).to.be.at.least(passed.length);
          expect(watermark.idle).to.equal(firstOpen === undefined);
        }
      }),
    );
  });
});
