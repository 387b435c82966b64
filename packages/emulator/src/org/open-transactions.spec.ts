import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { AT, memoryOrg, type MemoryOrgSetup } from '../../test/support/memory-org.js';

/** Longer than any test runs. */
const LONG = 1_000_000;

describe('A transaction that stays open', () => {
  it('shows nothing until its commit, which has its own time, and stamps of the time of the change', () => {
    const { org, events, clock } = open([LONG]);
    const id = org.create('Account', { Name: 'a' });
    expect([org.records('Account'), events()]).to.deep.equal([[], []]);
    expect(() => org.record('Account', id)).to.throw(/has no record/);
    clock.time += 7_000;
    expect(org.held.commitAll()).to.equal(1);
    const [{ header, data }] = events() as [ReturnType<typeof events>[0]];
    expect(header).to.include({ changeType: 'CREATE', commitTimestamp: AT + 7_000 });
    expect(data).to.include({ CreatedDate: AT, LastModifiedDate: AT });
    expect(org.storedRecord(id)).to.include({ modstamp: AT });
    expect(org.held.commitAll()).to.equal(0);
  });

  it('keeps the place of its records, when others are created and committed before it', () => {
    const { org } = open([LONG, undefined]);
    org.create('Account', { Name: 'a' });
    org.create('Account', { Name: 'b' });
    expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['b']);
    org.held.commitAll();
    expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['a', 'b']);
  });

  it('holds others up that change its records, and only those', () => {
    const { org, events } = open([undefined, LONG]);
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.update('Account', a, { Phone: '1' });
    org.update('Account', a, { Fax: '2' });
    org.update('Account', a, { Site: '4' });
    org.update('Account', b, { Fax: '3' });
    expect(org.record('Account', b)).to.include({ Fax: '3' });
    expect(org.record('Account', a)).to.not.have.any.keys('Phone', 'Fax', 'Site');
    expect(org.held.events).to.equal(3);
    expect(org.held.commitAll()).to.equal(3);
    expect(org.record('Account', a)).to.include({ Phone: '1', Fax: '2', Site: '4' });
    const updates = events().filter(({ header }) => header.changeType === 'UPDATE');
    expect(updates.map(({ header, data }) => [header.recordIds, data.Phone ?? data.Fax ?? data.Site])).to.deep.equal([
      [[b], '3'],
      [[a], '1'],
      [[a], '2'],
      [[a], '4'],
    ]);
  });

  it('commits in the order of locks, when the second is due before the first', async () => {
    const { org } = open([LONG, 0]);
    const id = org.create('Account', { Name: 'a' });
    org.update('Account', id, { Name: 'b' });
    const committed = org.held.committedSince(1)!.then(() => 'committed');
    await new Promise((resolve) => setTimeout(resolve, 0));
    await setImmediate();
    expect(await Promise.race([committed, Promise.resolve('open')])).to.equal('open');
    org.held.commitAll();
    expect(await committed).to.equal('committed');
    expect(org.record('Account', id)).to.include({ Name: 'b' });
  });

  it('commits by itself, when its time is over', async () => {
    const { org } = open([1]);
    const { mark } = org.held;
    const id = org.create('Account', { Name: 'a' });
    await org.held.committedSince(mark);
    expect(org.record('Account', id)).to.include({ Name: 'a' });
    expect(org.held.committedSince(mark)).to.equal(undefined);
  });

  it('lets those commit in their order that have waited for it, when its time is over', async () => {
    const { org, events } = open([undefined, 1]);
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    const { mark } = org.held;
    org.update('Account', a, { Phone: '1' });
    org.update('Account', [a, b], { Fax: '2' });
    org.update('Account', b, { Fax: '3' });
    await org.held.committedSince(mark);
    expect(org.record('Account', a)).to.include({ Phone: '1', Fax: '2' });
    expect(org.record('Account', b)).to.include({ Fax: '3' });
    const updates = events().filter(({ header }) => header.changeType === 'UPDATE');
    expect(updates.map(({ data }) => data.Phone ?? data.Fax)).to.deep.equal(['1', '2', '3']);
  });

  it('is never committed, when it is dropped', () => {
    const { org, events } = open([LONG]);
    org.create('Account', { Name: 'a' });
    org.held.drop();
    expect([org.held.commitAll(), org.records('Account'), events()]).to.deep.equal([0, [], []]);
  });

  it('holds nothing, when it changes nothing', () => {
    const { org } = open([LONG]);
    org.transaction(() => undefined);
    expect(org.held.mark).to.equal(0);
  });
});

/**
 * An org whose transactions that change anything stay open so long, one after the other; `undefined` for not at all.
 */
function open(delays: (number | undefined)[]): MemoryOrgSetup {
  return memoryOrg({ nextCommitDelay: () => delays.shift() });
}
