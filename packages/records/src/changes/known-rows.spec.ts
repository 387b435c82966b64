import { expect } from 'chai';
import { changeEvent, type ChangeEventFields } from '@rxforce/core/testing';
import { KnownRows, TOLERANCE_MS, type KnownRowsRules } from './known-rows.js';

const STARTED = 1_000_000_000;
const RECORD = { Name: 'Ace', City: null, Address: { Street: 'x', Zip: null } };

describe('KnownRows', () => {
  function known(rules: Partial<KnownRowsRules> = {}): KnownRows {
    const rows = new KnownRows({ most: 10, values: true, toleranceMs: TOLERANCE_MS, ...rules });
    rows.note({ recordId: 'a', modifiedAt: STARTED, record: RECORD }, STARTED);
    return rows;
  }

  const event = (fields: ChangeEventFields<Record<string, unknown>>) =>
    changeEvent({ recordIds: ['a'], changeType: 'UPDATE', commitTimestamp: STARTED, data: { Name: 'Old' }, ...fields });
  /** The records that an event still has; `undefined` where it is dropped. */
  const left = (rows: KnownRows, fields: ChangeEventFields<Record<string, unknown>>) =>
    rows.without(event(fields))?.header.recordIds;

  it('drops an event, when it is older than its record by more than clocks can differ', () => {
    expect(left(known(), { commitTimestamp: STARTED - TOLERANCE_MS - 1_000 })).to.equal(undefined);
    expect(left(known(), { commitTimestamp: STARTED - TOLERANCE_MS })).to.deep.equal(['a']);
    expect(left(known(), { changeType: 'CREATE', commitTimestamp: 0 })).to.equal(undefined);
  });

  it('drops an UPDATE, when it changes nothing of the record', () => {
    expect(left(known(), { data: { Name: 'Ace' } })).to.equal(undefined);
    expect(left(known(), { data: { City: null } })).to.equal(undefined);
    expect(left(known(), { data: { Address: { Street: 'x' } } })).to.equal(undefined);
    expect(left(known(), { data: { Address: { Zip: null } } })).to.equal(undefined);
  });

  it('passes an UPDATE, when it changes something, or nobody can tell', () => {
    const passes: ChangeEventFields<Record<string, unknown>>[] = [
      { data: { Name: 'Old' } },
      { data: { Name: 'Ace', City: 'Bonn' } },
      { data: { Address: { Street: 'y' } } },
      { data: { Name: null } },
      { data: { Unknown: 'Ace' } },
      { data: {}, changedFields: ['Name'] },
      { data: {}, changedFields: [] },
      { data: { Name: 'Ace' }, diffFields: ['Name'] },
      { data: { Address: { Street: 'x' } }, changedFields: ['Address'] },
    ];
    for (const fields of passes) expect(left(known(), fields), JSON.stringify(fields)).to.deep.equal(['a']);
    expect(left(known({ values: false }), { data: { Name: 'Ace' } })).to.deep.equal(['a']);
  });

  it('passes what equals the record, when an event has changed it since', () => {
    const rows = known();
    expect(left(rows, { data: { Name: 'Old' } })).to.deep.equal(['a']);
    expect(left(rows, { data: { Name: 'Ace' } })).to.deep.equal(['a']);
  });

  it('passes deletions and gaps however old, and everything of the record after them', () => {
    for (const changeType of ['DELETE', 'UNDELETE', 'GAP_UPDATE', 'GAP_OVERFLOW'] as const) {
      const rows = known();
      expect(left(rows, { changeType, commitTimestamp: 0 }), changeType).to.deep.equal(['a']);
      expect(left(rows, { commitTimestamp: 0 }), changeType).to.deep.equal(['a']);
    }
  });

  it('takes the records that contain it out of a merged event', () => {
    const rows = known();
    rows.note({ recordId: 'b', modifiedAt: STARTED, record: RECORD }, STARTED);
    expect(left(rows, { recordIds: ['a', 'c', 'b'], commitTimestamp: 0 })).to.deep.equal(['c']);
  });

  it('remembers only records that changed since shortly before the start, and no more than it may', () => {
    const old = known();
    old.note({ recordId: 'b', modifiedAt: STARTED - 601_000, record: RECORD }, STARTED);
    expect(left(old, { recordIds: ['b'], commitTimestamp: 0 })).to.deep.equal(['b']);
    const few = known({ most: 1 });
    few.note({ recordId: 'b', modifiedAt: STARTED, record: RECORD }, STARTED);
    expect(left(few, { recordIds: ['a', 'b'], commitTimestamp: 0 })).to.deep.equal(['a']);
  });

  it('passes everything, once the stream has come 10 minutes past the end of the reading', () => {
    const rows = known();
    rows.end(STARTED);
    expect(left(rows, { recordIds: ['c'], commitTimestamp: STARTED + 600_000 })).to.deep.equal(['c']);
    expect(left(rows, { commitTimestamp: 0 })).to.equal(undefined);
    left(rows, { recordIds: ['c'], commitTimestamp: STARTED + 601_000 });
    expect(left(rows, { commitTimestamp: 0 })).to.deep.equal(['a']);
  });
});
