import { expect } from 'chai';
import fc from 'fast-check';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { applyChange } from './apply-change.js';
import { mergeChanges } from './merge-changes.js';

describe('mergeChanges', () => {
  it('does what both do, one after the other, however they came about', () => {
    fc.assert(
      fc.property(fc.option(ROW), fc.array(fc.option(ROW), { minLength: 2, maxLength: 5 }), (start, rows) => {
        const [first, ...others] = eventsBetween([start, ...rows]);
        if (first === undefined) return;
        let one = first;
        let recordAfter = apply(record(start), first);
        for (const next of others) {
          const frozen = structuredClone([one, next].map(({ data, header }) => ({ data, header })));
          const both = mergeChanges(one, next);
          expect([one, next].map(({ data, header }) => ({ data, header }))).to.deep.equal(frozen);
          recordAfter = apply(recordAfter, next);
          if (both === undefined) return;
          expect(apply(record(start), both)).to.deep.equal(recordAfter);
          expect(normal(applyChange(record(start), both).unwrap())).to.deep.equal(recordAfter);
          one = both;
        }
      }),
      { numRuns: 500 },
    );
  });
});

interface Row {
  readonly A: number | null;
  readonly B: number | null;
  readonly Place: { readonly City: string | null; readonly Zip: string | null };
}

const PLAIN = { noNullPrototype: true };
const NUMBER = fc.option(fc.integer({ min: 0, max: 2 }));
const ROW = fc.record<Row>(
  {
    A: NUMBER,
    B: NUMBER,
    Place: fc.record({ City: fc.option(fc.constantFrom('x', 'y')), Zip: fc.option(fc.constantFrom('1', '2')) }, PLAIN),
  },
  PLAIN,
);

/** A compound none of whose parts has a value is null. */
function record(row: Row | null): Record<string, unknown> | undefined {
  if (row === null) return undefined;
  return { ...row, Place: isEmpty(row.Place) ? null : row.Place };
}

function isEmpty(place: Row['Place'] | null): boolean {
  return place === null || (place.City === null && place.Zip === null);
}

function normal(values: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  return values && record(values as unknown as Row & Record<string, unknown>);
}

/** The events that lead from each row to the next, as the service names what changed. */
function eventsBetween(rows: readonly (Row | null)[]): ChangeEvent[] {
  return rows.slice(1).flatMap((after, index) => {
    const before = rows[index] ?? null;
    if (after === null) return before === null ? [] : [changeEvent({ changeType: 'DELETE' })];
    if (before === null) return [changeEvent({ changeType: index % 2 ? 'CREATE' : 'UNDELETE', data: record(after)! })];
    return [updateBetween(before, after)];
  });
}

function updateBetween(before: Row, after: Row): ChangeEvent {
  const fields = (['A', 'B'] as const).filter((name) => before[name] !== after[name]);
  const parts = (['City', 'Zip'] as const).filter((name) => before.Place[name] !== after.Place[name]);
  const isEmptied = parts.length > 0 && record(after)!.Place === null;
  const place = Object.fromEntries(
    (['City', 'Zip'] as const).map((name) => [name, parts.includes(name) ? after.Place[name] : null]),
  );
  const changed: [string, unknown][] = [
    ...fields.map((name): [string, unknown] => [name, after[name]]),
    ...(isEmptied
      ? [['Place', null] as [string, unknown]]
      : parts.map((name): [string, unknown] => [`Place.${name}`, after.Place[name]])),
  ];
  return changeEvent({
    changeType: 'UPDATE',
    data: {
      A: fields.includes('A') ? after.A : null,
      B: fields.includes('B') ? after.B : null,
      Place: parts.length === 0 || isEmptied ? null : place,
    },
    changedFields: changed.map(([path]) => path),
    nulledFields: changed.filter(([, value]) => value === null).map(([path]) => path),
  });
}

/** Takes a null for a value only where `nulledFields` says so, and a value only where `changedFields` does. */
function apply(
  before: Record<string, unknown> | undefined,
  { header, data }: ChangeEvent,
): Record<string, unknown> | undefined {
  if (header.changeType === 'DELETE') return undefined;
  if (header.changeType !== 'UPDATE') return normal(data);
  const after = { ...before, Place: { City: null, Zip: null, ...(before?.Place as object | null) } } as Record<
    string,
    unknown
  >;
  for (const path of header.changedFields) {
    const [field = '', child] = path.split('.');
    const isNulled = header.nulledFields.includes(path);
    const told = child === undefined ? data[field] : (data[field] as Record<string, unknown>)[child];
    expect(told === null, `${path} is null`).to.equal(isNulled);
    if (child !== undefined) after[field] = { ...(after[field] as object), [child]: told };
    else after[field] = field === 'Place' ? { City: null, Zip: null } : told;
  }
  return normal(after);
}
