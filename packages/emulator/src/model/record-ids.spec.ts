import { expect } from 'chai';
import { RecordIds, to18 } from './record-ids.js';

describe('Record ids', () => {
  it('have the checksum that Salesforce gives them, when they are made 18 characters long', () => {
    const real = ['001Dp00000JIhN5IAL', '001Dp00000JIiHWIA1', '005Dp000000PpjsIAC', '012Dp000000Cx1rIAC'];
    expect(real.map((id) => to18(id.slice(0, 15)))).to.deep.equal(real);
  });

  it('stay as they are, when they have 18 characters', () => {
    expect(to18('001Dp00000JIhN5IAL')).to.equal('001Dp00000JIhN5IAL');
  });

  it('begin with the key prefix and never repeat, when many are given out', () => {
    const recordIds = new RecordIds(61);
    const ids = Array.from({ length: 200 }, () => recordIds.next('a00'));
    expect(new Set(ids).size).to.equal(200);
    for (const id of ids) {
      expect(id).to.match(/^a00Hs[\dA-Za-z]{13}$/);
    }
    expect(recordIds.next('001').slice(3)).to.not.equal(ids[0]!.slice(3, 15));
    expect(recordIds.next('003').slice(3, 15)).to.equal(ids[0]!.slice(3, 15));
  });
});
