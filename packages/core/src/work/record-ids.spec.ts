import { expect } from 'chai';
import { changeEvent, platformEvent } from '../testing/index.js';
import { recordIdsOf } from './record-ids.js';

describe('recordIdsOf', () => {
  it('gives those of a change event, all of them where it is merged', () => {
    expect(recordIdsOf(changeEvent({ recordIds: ['1'] }))).to.deep.equal(['1']);
    expect(recordIdsOf(changeEvent({ recordIds: ['1', '2'] }))).to.deep.equal(['1', '2']);
  });

  it('gives those of all members of a batch', () => {
    const batch = [changeEvent({ recordIds: ['1', '2'] }), 'x', changeEvent({ recordIds: ['3'] })];
    expect(recordIdsOf(batch)).to.deep.equal(['1', '2', '3']);
    expect(recordIdsOf([])).to.deep.equal([]);
  });

  it('gives those of all events of a transaction', () => {
    const events = [changeEvent({ recordIds: ['1', '2'] }), changeEvent({ recordIds: ['3'] })];
    expect(recordIdsOf({ transactionKey: 'tx', events })).to.deep.equal(['1', '2', '3']);
  });

  it('gives none for other values', () => {
    for (const value of [undefined, null, 5, 'x', {}, { header: null }, platformEvent('/event/A__e', {})]) {
      expect(recordIdsOf(value)).to.deep.equal([]);
    }
  });
});
