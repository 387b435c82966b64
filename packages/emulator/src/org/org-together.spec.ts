import { expect } from 'chai';
import { memoryOrg } from '../../test/support/memory-org.js';
import type { MemoryOrg } from './org.js';

describe('What an org does together', () => {
  const parts: readonly (readonly [string, (org: MemoryOrg, work: () => void) => void])[] = [
    ['another part of it', (org, work) => org.together(work)],
    ['a transaction in it', (org, work) => org.transaction(work)],
  ];

  for (const [what, part] of parts) {
    it(`has not happened, when ${what} has thrown and the error went no further`, () => {
      const { org, events } = memoryOrg();
      const failure = new Error('part');
      const failing = (): void =>
        part(org, () => {
          org.create('Account', { Name: 'of the part' });
          throw failure;
        });
      const all = (): void =>
        org.together(() => {
          org.create('Account', { Name: 'before' });
          expect(failing).to.throw(failure.message);
          org.create('Account', { Name: 'after' });
        });
      expect(all).to.throw(failure.message);
      expect(org.records('Account')).to.deep.equal([]);
      expect(events()).to.deep.equal([]);
      org.together(() => org.create('Account', { Name: 'next' }));
      expect(org.records('Account')).to.have.length(1);
    });
  }

  it('is seen by its own reads, and by others when it is done', () => {
    const { org } = memoryOrg();
    const old = org.create('Account', { Name: 'old' });
    org.together(() => {
      const id = org.create('Account', { Name: 'new' });
      org.delete('Account', old);
      expect(org.records('Account')).to.have.length(1).and.have.nested.property('[0].Id', id);
      expect(org.replica.count('Account', false)).to.equal(1);
      expect(org.replica.get(old)).to.include({ deleted: true });
    });
    expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['new']);
  });
});
