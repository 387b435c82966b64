import { expect } from 'chai';
import { memoryOrg } from '../../test/support/memory-org.js';
import type { MemoryOrg } from './org.js';

const LAG = 5_000;

describe('A replica that lags behind', () => {
  it('shows records as they were that long ago: not new ones yet, and deleted ones still', () => {
    const { org, clock } = memoryOrg();
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.lagReplica(LAG);
    clock.time += 1_000;
    org.update('Account', a, { Name: 'a2' });
    org.delete('Account', b);
    org.create('Account', { Name: 'c' });
    clock.time += 1_000;
    org.update('Account', a, { Name: 'a3' });
    expect(namesIn(org)).to.deep.equal(['a', 'b']);
    clock.time += LAG - 1_001;
    expect(namesIn(org)).to.deep.equal(['a', 'b']);
    clock.time += 1;
    expect(namesIn(org)).to.deep.equal(['a2', 'c']);
    expect(org.replica.count('Account', false)).to.equal(2);
    expect(org.replica.get(a)!.values).to.include({ Name: 'a2' });
    clock.time += 1_000;
    expect(namesIn(org)).to.deep.equal(['a3', 'c']);
  });

  it('is up to date at once, when the lag ends, and begins anew after that', () => {
    const { org } = memoryOrg();
    org.lagReplica(LAG);
    org.create('Account', { Name: 'a' });
    expect(namesIn(org)).to.deep.equal([]);
    org.lagReplica(0);
    expect(namesIn(org)).to.deep.equal(['a']);
    org.lagReplica(LAG);
    expect(namesIn(org)).to.deep.equal(['a']);
  });

  it('keeps no versions, when there is no lag, and none that are older than it', () => {
    const { org, clock } = memoryOrg();
    const id = org.create('Account', { Name: 'a' });
    const kept = () => (org as unknown as { kept: { history: { past: unknown[] } } }).kept.history.past.length;
    org.update('Account', id, { Name: 'b' });
    expect(kept()).to.equal(0);
    org.lagReplica(LAG);
    for (let second = 0; second < 60; second++) {
      clock.time += 1_000;
      org.update('Account', id, { Phone: String(second) });
    }
    expect(kept()).to.equal(LAG / 1_000);
  });

  it('shows the changes of a transaction to its own reads', () => {
    const { org } = memoryOrg();
    org.lagReplica(LAG);
    org.together(() => {
      org.create('Account', { Name: 'a' });
      expect(namesIn(org)).to.deep.equal(['a']);
    });
    expect(namesIn(org)).to.deep.equal([]);
  });
});

function namesIn(org: MemoryOrg): unknown[] {
  return [...org.replica.scan('Account')].filter(({ deleted }) => !deleted).map(({ values }) => values.Name);
}
