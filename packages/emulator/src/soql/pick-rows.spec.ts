import { expect } from 'chai';
import fc from 'fast-check';
import { firstInOrder, firstRows } from './pick-rows.js';
import type { QueryRow } from './queryable.js';

const ALL = () => true;

describe('firstInOrder', () => {
  it('finds the rows that sorting all of them would find, with equal ones in their order', () => {
    const keys = fc.array(fc.nat(20), { maxLength: 5_000, size: 'max' });
    fc.assert(
      fc.property(keys, fc.constantFrom(0, 1, 7, 500, Infinity), (all, most) => {
        const rows = all.map((key, index) => rowOf(`${key}-${index}`));
        const fits = ({ id }: QueryRow) => keyOf(id) !== 3;
        const order = (a: QueryRow, b: QueryRow) => keyOf(a.id) - keyOf(b.id);
        const expected = rows.filter(fits).sort(order).slice(0, most);
        expect(idsOf(firstInOrder(rows, fits, order, most))).to.deep.equal(idsOf(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps few of many rows', () => {
    let largest = 0;
    const order = (a: QueryRow, b: QueryRow) => keyOf(b.id) - keyOf(a.id);
    const rows = Array.from({ length: 10_000 }, (_, key) => rowOf(`${key}-0`));
    const compared = (a: QueryRow, b: QueryRow) => {
      largest = Math.max(largest, Math.abs(keyOf(a.id) - keyOf(b.id)));
      return order(a, b);
    };
    expect(idsOf(firstInOrder(rows, ALL, compared, 2))).to.deep.equal(['9999-0', '9998-0']);
    expect(largest).to.be.below(1_010);
  });
});

describe('firstRows', () => {
  it('reads no more rows than it must', () => {
    let read = 0;
    function* rows() {
      for (;;) yield rowOf(`${read++}-0`);
    }
    expect(idsOf(firstRows(rows(), ({ id }) => keyOf(id) % 2 === 1, 3))).to.deep.equal(['1-0', '3-0', '5-0']);
    expect(read).to.equal(6);
    expect(firstRows(rows(), ALL, 0)).to.deep.equal([]);
    expect(read).to.equal(6);
  });
});

function keyOf(id: string): number {
  return Number(id.split('-')[0]);
}

function idsOf(rows: readonly QueryRow[]): string[] {
  return rows.map(({ id }) => id);
}

function rowOf(id: string): QueryRow {
  return { object: 'Thing', id, get: () => null, toJson: () => null, parent: () => undefined };
}
