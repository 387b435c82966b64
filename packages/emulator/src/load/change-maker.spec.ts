import { expect } from 'chai';
import sinon from 'sinon';
import { Bus } from '../bus/bus.js';
import { MemoryOrg } from '../org/org.js';
import { createRandom } from '../model/random.js';
import { SchemaRegistry } from '../schemas/schema-registry.js';
import { ChangeMaker } from './change-maker.js';

describe('ChangeMaker', () => {
  it('goes on with other records, when somebody else has deleted its own', () => {
    const random = createRandom(1);
    const now = () => 1_700_000_000_000;
    const bus = new Bus({ retentionMs: 1000, now, random });
    const org = new MemoryOrg({
      bus,
      schemas: new SchemaRegistry(),
      random,
      now,
      user: '005Hs0000000001AAA',
      maxChangesPerTransaction: 1_000,
    });
    const maker = new ChangeMaker(org, random, ['Lead']);
    const create = sinon.spy(org, 'create');
    const change = (times: number) => Array.from({ length: times }, () => maker.change());
    change(100);
    const ids = create.returnValues.flat();
    const live = ids.filter((id) => isLive(org, id));
    expect(live).to.not.be.empty;
    org.delete('Lead', live);
    const before = bus.appended;
    change(500);
    maker.changeOnce();
    expect(bus.appended - before).to.be.above(400);
  });
});

function isLive(org: MemoryOrg, id: string): boolean {
  try {
    org.record('Lead', id);
    return true;
  } catch {
    return false;
  }
}
