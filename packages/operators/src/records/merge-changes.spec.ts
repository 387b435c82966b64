import { expect } from 'chai';
import { CHANGE_TYPES, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { mergeChanges } from './merge-changes.js';
import { merged, namesOf, update } from '../../test/support/merged-changes.js';

const WHOLE = ['CREATE', 'UNDELETE', 'SNAPSHOT'] as const;
const GAPS = CHANGE_TYPES.filter((type) => type.startsWith('GAP_'));

describe('mergeChanges, with fields whose names all objects have', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const change = (value: unknown) => {
      const data = JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as object;
      return changeEvent({ changeType: 'UPDATE', changedFields: [name], data });
    };

    it(`has ${name} as a field, with the newer value`, () => {
      for (const older of [change('old'), changeEvent({ data: { Name: 'a' } })]) {
        const { data } = merged(older, change({ isAdmin: true }));
        expect(Object.getOwnPropertyDescriptor(data, name)?.value).to.deep.equal({ isAdmin: true });
        expect(Object.getPrototypeOf(data)).to.equal(Object.prototype);
        expect(data).not.to.have.property('isAdmin');
      }
    });
  }
});

describe('mergeChanges', () => {
  for (const changeType of WHOLE) {
    it(`keeps a ${changeType}, with what an UPDATE has changed`, () => {
      const older = changeEvent({ changeType, data: { A: 1, B: 2, Text: 'x', Place: null } });
      const newer = update({ A: 5, Text: null });
      const result = merged(older, newer);
      expect(result.header.changeType).to.equal(changeType);
      expect(result.data).to.deep.equal({ A: 5, B: 2, Text: null, Place: null });
      expect(namesOf(result)).to.deep.equal({ changedFields: [], nulledFields: [], diffFields: [] });
    });
  }

  it('names no longer as nulled what a later UPDATE has set', () => {
    const older = changeEvent({ changeType: 'CREATE', data: { A: null, B: null }, nulledFields: ['A', 'B'] });
    expect(merged(older, update({ A: 1 })).header.nulledFields).to.deep.equal(['B']);
  });

  it('makes an UPDATE of two: all that either has changed, with the newer values', () => {
    const result = merged(update({ A: 1, B: 2 }), update({ B: 3, Text: 'x' }));
    expect(result.header.changeType).to.equal('UPDATE');
    expect(result.data).to.deep.equal({ A: 1, B: 3, Text: 'x', Place: null });
    expect(namesOf(result)).to.deep.equal({ changedFields: ['A', 'B', 'Text'], nulledFields: [], diffFields: [] });
  });

  it('takes a null for a value only where the event names the field', () => {
    const result = merged(update({ A: 1, B: null, Text: null }), update({ A: null, B: 2 }));
    expect(result.data).to.deep.equal({ A: null, B: 2, Text: null, Place: null });
    expect(result.header.nulledFields).to.have.members(['A', 'Text']);
    expect(result.header.changedFields).to.have.members(['A', 'B', 'Text']);
  });

  it('names as nulled what was named so without a value', () => {
    const nulled = { changedFields: ['A'], nulledFields: ['A'] };
    const result = merged(update({ B: 1 }), changeEvent({ changeType: 'UPDATE', data: {}, ...nulled }));
    expect(result.data).to.include({ A: null, B: 1 });
    expect(result.header.nulledFields).to.deep.equal(['A']);
  });

  it('leaves out a value that was changed and not decoded', () => {
    const newer = changeEvent({ changeType: 'UPDATE', data: { B: 1 }, changedFields: ['A', 'B'] });
    for (const older of [update({ A: 1 }), changeEvent({ data: { A: 1, B: 2 } })]) {
      expect(merged(older, newer).data).not.to.have.property('A');
    }
    const unknown = { changeType: 'UPDATE', data: {} } as const;
    const neither = merged(
      changeEvent({ ...unknown, changedFields: ['Place'] }),
      changeEvent({ ...unknown, changedFields: ['Place.City'] }),
    );
    expect(neither.data).to.deep.equal({});
    expect(neither.header.changedFields).to.deep.equal(['Place', 'Place.City']);
    const unknownPart = changeEvent({ changeType: 'UPDATE', data: {}, changedFields: ['Place.City'] });
    expect(merged(changeEvent({ data: { B: 2 } }), unknownPart).data).to.deep.equal({ B: 2 });
    expect(merged(changeEvent({ data: { Place: { City: 'x', Zip: '1' } } }), unknownPart).data).to.deep.equal({
      Place: { Zip: '1' },
    });
  });

  it('takes a value that is not null where the event does not name it, as one that it was enriched with', () => {
    const enriched = { changedFields: ['A'], nulledFields: [] };
    const older = update({ A: 1, B: 'old', Text: null, Place: { City: 'x', Street: null } }, enriched);
    const newer = update({ A: 2, B: 'new', Text: 'new', Place: { City: null, Street: 'y' } }, enriched);
    const result = merged(older, newer);
    expect(result.data).to.deep.equal({ A: 2, B: 'new', Text: 'new', Place: { City: 'x', Street: 'y' } });
    expect(namesOf(result)).to.deep.equal({ changedFields: ['A'], nulledFields: [], diffFields: [] });
    expect(merged(older, update({ A: 2 })).data).to.deep.equal({ ...older.data, A: 2 });
  });

  it('names as nulled no field that the newer event is enriched with', () => {
    const result = merged(update({ A: null }), update({ A: 7, B: 1 }, { changedFields: ['B'], nulledFields: [] }));
    expect(result.data).to.include({ A: 7, B: 1 });
    expect(namesOf(result)).to.deep.equal({ changedFields: ['A', 'B'], nulledFields: [], diffFields: [] });
  });

  for (const older of [...WHOLE, 'UPDATE', 'DELETE'] as const) {
    for (const newer of ['DELETE', 'SNAPSHOT'] as const) {
      it(`is the ${newer} after a ${older}`, () => {
        const [first, second] = [changeEvent({ changeType: older }), changeEvent({ changeType: newer })];
        expect(mergeChanges(first, second)).to.equal(second);
      });
    }
  }

  for (const newer of ['CREATE', 'UNDELETE'] as const) {
    it(`is the ${newer} after a DELETE, and after nothing else`, () => {
      const second = changeEvent({ changeType: newer });
      for (const older of CHANGE_TYPES) {
        const expected = older === 'DELETE' ? second : undefined;
        expect(mergeChanges(changeEvent({ changeType: older }), second)).to.equal(expected);
      }
    });
  }

  it('is nothing, when either is a gap or of a type that is not known', () => {
    for (const strange of [...GAPS, 'ARCHIVE' as ChangeType]) {
      for (const type of CHANGE_TYPES) {
        const [one, other] = [changeEvent({ changeType: strange }), changeEvent({ changeType: type })];
        expect(mergeChanges(other, one), `${type}, ${strange}`).to.equal(undefined);
        expect(mergeChanges(one, other), `${strange}, ${type}`).to.equal(undefined);
      }
    }
  });

  it('is nothing for an UPDATE after a DELETE', () => {
    expect(mergeChanges(changeEvent({ changeType: 'DELETE' }), update({ A: 1 }))).to.equal(undefined);
  });

  it('is nothing, when they are about different records', () => {
    const of = (entityName: string, ...recordIds: string[]) => update({ A: 1 }, { entityName, recordIds });
    const pairs: [ChangeEvent, ChangeEvent][] = [
      [of('Lead', '1'), of('Lead', '2')],
      [of('Lead', '1'), of('Lead', '1', '2')],
      [of('Lead', '1', '2'), of('Lead', '1')],
      [of('Lead', '1'), of('Case', '1')],
    ];
    for (const [older, newer] of pairs) expect(mergeChanges(older, newer)).to.equal(undefined);
    expect(mergeChanges(of('Lead', '1', '2'), of('Lead', '2', '1'))).not.to.equal(undefined);
  });

  describe('with text diffs', () => {
    const diff = (data: Record<string, unknown>, ...diffFields: string[]) => update(data, { diffFields });

    it('keeps a diff of a field that the other does not change, whichever it is', () => {
      for (const [older, newer] of [
        [diff({ Text: 'diff', A: 1 }, 'Text'), update({ B: 2 })],
        [update({ B: 2 }), diff({ Text: 'diff', A: 1 }, 'Text')],
      ] as const) {
        const result = merged(older, newer);
        expect(result.data).to.deep.equal({ A: 1, B: 2, Text: 'diff', Place: null });
        expect(result.header.changedFields).to.have.members(['Text', 'A', 'B']);
        expect(result.header.diffFields).to.deep.equal(['Text']);
      }
    });

    it('is nothing, when both change a field and either tells it as a diff', () => {
      for (const [older, newer] of [
        [diff({ Text: 'diff' }, 'Text'), update({ Text: 'all' })],
        [update({ Text: 'all' }), diff({ Text: 'diff' }, 'Text')],
        [diff({ Text: 'diff' }, 'Text'), diff({ Text: 'diff' }, 'Text')],
        [changeEvent({ data: { Text: 'all' } }), diff({ Text: 'diff' }, 'Text')],
      ] as const) {
        expect(mergeChanges(older, newer)).to.equal(undefined);
      }
    });

    it('has no diff of a field that the newer event is enriched with', () => {
      const result = merged(
        diff({ Text: 'diff' }, 'Text'),
        update({ A: 1, Text: 'all' }, { changedFields: ['A'], nulledFields: [] }),
      );
      expect(result.data).to.include({ Text: 'all' });
      expect(result.header.diffFields).to.deep.equal([]);
    });
  });

  it('has the identity, the place and the transaction of the newer event', () => {
    const older = update({ A: 1 }, { transactionKey: 'old', commitTimestamp: 1_000, commitNumber: 1n });
    const newer = update({ B: 1 }, { transactionKey: 'new', commitTimestamp: 2_000, commitNumber: 2n });
    const result = merged(older, newer);
    expect(result).to.include({ id: newer.id, replayId: newer.replayId, schemaId: newer.schemaId });
    expect(result.header).to.include({ transactionKey: 'new', commitTimestamp: 2_000, commitNumber: 2n });
  });

  it('does not carry the delivery of one of the two', () => {
    const DELIVERY = Symbol.for('@rxforce/core/delivery/3');
    const carrying = (event: ChangeEvent) => ({ ...event, [DELIVERY]: {} });
    const result = merged(carrying(update({ A: 1 })), carrying(update({ B: 1 })));
    expect(result).not.to.have.property(DELIVERY);
  });

  it('has the record before both, where events carry it', () => {
    const change = (event: ChangeEvent, before: object | undefined, after: object) => ({
      ...event,
      before,
      data: after,
    });
    // What an event carries of the record is all of it, also where no event names a field that differs.
    const [first, second, third] = [
      { A: 1, B: null, F: 1 },
      { A: 2, B: null, F: 1 },
      { A: null, B: 3, F: null },
    ];
    const older = change(update({ A: 2 }), first, second);
    expect(mergeChanges(older, change(update({ A: null, B: 3 }), second, third))).to.deep.include({
      before: first,
      data: third,
    });
    const deleted = change(changeEvent({ changeType: 'DELETE' }), second, second);
    expect(mergeChanges(older, deleted)).to.deep.equal({ ...deleted, before: first });
    const created = change(changeEvent({ data: second }), undefined, second);
    expect(mergeChanges(created, change(update({ A: null, B: 3 }), second, third))).to.deep.include({
      before: undefined,
      data: third,
    });
  });
});
