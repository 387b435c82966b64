import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { AT, memoryOrg } from '../../test/support/memory-org.js';

describe('SystemModstamp', () => {
  it('moves with every change, deletions too, in whole seconds', () => {
    const { org, clock } = memoryOrg();
    const id = org.create('Account', { Name: 'a' });
    const changes = [
      () => org.update('Account', id, { Phone: '1' }),
      () => org.delete('Account', id),
      () => org.undelete('Account', id),
    ];
    const stamps = changes.map((change) => {
      clock.time += 1_500;
      change();
      return org.storedRecord(id)!.modstamp - AT;
    });
    expect(stamps).to.deep.equal([1_000, 3_000, 4_000]);
  });

  it('moves alone and without an event, when a record is touched', () => {
    const { org, clock, countEvents } = memoryOrg();
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    const events = countEvents();
    clock.time += 9_999;
    org.touch('Account', a.slice(0, 15));
    expect(org.storedRecord(a)).to.include({ modstamp: AT + 9_000 });
    expect(org.storedRecord(b)).to.include({ modstamp: AT });
    expect(org.record('Account', a)).to.include({ LastModifiedDate: AT });
    expect(countEvents()).to.equal(events);
  });

  it('is not moved of any record, when one of them is not there', () => {
    const { org, clock } = memoryOrg();
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.delete('Account', b);
    clock.time += 5_000;
    expect(() => org.touch('Account', [a, b])).to.throw(ConfigurationError, 'is deleted');
    expect(() => org.touch('Contact', [a])).to.throw(ConfigurationError, 'has no record');
    expect(org.storedRecord(a)).to.include({ modstamp: AT });
  });
});

describe('A skew between stamps and commits', () => {
  for (const skewMs of [3_000, -3_000]) {
    it(`moves stamps by ${skewMs} ms and leaves commit times as they are`, () => {
      const { org, events } = memoryOrg();
      org.skewStamps(skewMs);
      const id = org.create('Account', { Name: 'a' });
      org.touch('Account', id);
      const [{ header, data }] = events() as [ReturnType<typeof events>[0]];
      expect(header).to.include({ commitTimestamp: AT });
      expect(data).to.include({ CreatedDate: AT + skewMs, LastModifiedDate: AT + skewMs });
      expect(org.storedRecord(id)).to.include({ modstamp: AT + skewMs });
    });
  }
});

describe('fill', () => {
  it('adds records that no event reports, with the values that the org fills in', () => {
    const { org, countEvents } = memoryOrg();
    const other = org.create('Account', { Name: 'x' });
    const events = countEvents();
    const ids = org.fill('Account', 3, (index) => ({ Name: `n${index}`, BillingAddress: { City: 'Oslo' } }));
    const created = org.record('Account', org.create('Account', { Name: 'n1', BillingAddress: { City: 'Oslo' } }));
    expect(countEvents()).to.equal(events + 1);
    expect({ ...org.record('Account', ids[1]!), Id: '' }).to.deep.equal({ ...created, Id: '' });
    expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['x', 'n0', 'n1', 'n2', 'n1']);
    expect([other, ...ids]).to.deep.equal([other, ...ids].sort());
  });

  it('gives records their times, one for all or for each its own, in whole seconds', () => {
    const { org } = memoryOrg();
    const [a] = org.fill('Account', 1, { Name: 'a' }, { at: 1_999 }) as [string];
    const [, c] = org.fill('Account', 2, { Name: 'b' }, { at: (index) => index * 5_000 }) as [string, string];
    expect(org.record('Account', a)).to.include({ CreatedDate: 1_000, LastModifiedDate: 1_000 });
    expect(org.storedRecord(a)).to.include({ modstamp: 1_000 });
    expect(org.storedRecord(c)).to.include({ modstamp: 5_000 });
  });

  it('refuses what does not fit', () => {
    const { org } = memoryOrg();
    expect(() => org.fill('Acount', 1)).to.throw(ConfigurationError, 'Did you mean "Account"?');
    expect(() => org.fill('Account', -1)).to.throw(ConfigurationError, 'fill: count');
    expect(() => org.fill('Account', 1, { Nome: 'a' })).to.throw(ConfigurationError, 'no field "Nome"');
    expect(() => org.fill('Account', 1, {}, { at: 0.5 })).to.throw(ConfigurationError, 'fill: at');
    expect(org.fill('Account', 0)).to.deep.equal([]);
  });
});
