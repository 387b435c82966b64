import { expect } from 'chai';
import fc from 'fast-check';
import { OrderedLog } from './ordered-log.js';

describe('OrderedLog', () => {
  it('gives what comes after a position, when positions have holes', () => {
    const log = logOf([10, 12, 15]);
    expect(positions(log, 10, 5)).to.deep.equal([12, 15]);
    expect(positions(log, 11, 5)).to.deep.equal([12, 15]);
    expect(positions(log, 0, 2)).to.deep.equal([10, 12]);
    expect(positions(log, 15, 5)).to.deep.equal([]);
    expect([10, 11, 15, 16].map((position) => log.has(position))).to.deep.equal([true, false, true, false]);
  });

  it('gives what comes up to a position, when it is the last so many', () => {
    const log = logOf([10, 12, 15]);
    const upTo = (position: number, most: number) => log.upTo(position, most).map((entry) => entry.position);
    expect([upTo(12, 5), upTo(14, 1), upTo(9, 5), upTo(99, 2)]).to.deep.equal([[10, 12], [12], [], [12, 15]]);
    log.drop(10);
    expect(upTo(15, 5)).to.deep.equal([12, 15]);
  });

  it('is empty, when nothing was added', () => {
    const log = logOf([]);
    expect([log.length, positions(log, 0, 5), log.has(0)]).to.deep.equal([0, [], false]);
  });

  it('behaves as a plain list, when it is filled and trimmed at random', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ add: fc.nat(3000), trim: fc.nat(40_000), drop: fc.nat(40_000) }), { maxLength: 8 }),
        (steps) => {
          const log = logOf([]);
          let plain: number[] = [];
          let next = 0;
          for (const { add, trim, drop } of steps) {
            for (let index = 0; index < add; index++) {
              next += 1 + (index % 3);
              log.push({ position: next, at: next });
              plain.push(next);
            }
            log.trim(trim);
            log.drop(drop);
            plain = plain.filter((at) => at >= trim && at > drop);
            const middle = plain[plain.length >> 1] ?? trim;
            expect(log.length).to.equal(plain.length);
            expect(log.has(middle)).to.equal(plain.includes(middle));
            expect(positions(log, middle, 10)).to.deep.equal(plain.filter((at) => at > middle).slice(0, 10));
            expect(log.upTo(middle, 10).map(({ at }) => at)).to.deep.equal(
              plain.filter((at) => at <= middle).slice(-10),
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

function logOf(positions: readonly number[]) {
  const log = new OrderedLog<{ position: number; at: number }>();
  for (const position of positions) {
    log.push({ position, at: position });
  }
  return log;
}

function positions(log: ReturnType<typeof logOf>, after: number, most: number): number[] {
  return log.after(after, most).map(({ position }) => position);
}
