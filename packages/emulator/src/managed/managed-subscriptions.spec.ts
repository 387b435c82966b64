import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { Bus } from '../bus/bus.js';
import { createRandom } from '../model/random.js';
import { ManagedSubscriptions } from './managed-subscriptions.js';

const TOPIC = '/event/A__e';

describe('ManagedSubscriptions', () => {
  it('creates one with defaults for what is left out', () => {
    const managed = setUp();
    const created = managed.create('Orders_1', { topicName: TOPIC });
    expect(created.id).to.match(/^18x\w{15}$/);
    expect(created).to.deep.equal({
      id: created.id,
      developerName: 'Orders_1',
      label: 'Orders_1',
      topicName: TOPIC,
      defaultReplay: 'LATEST',
      errorRecoveryReplay: 'LATEST',
      state: 'RUN',
      version: '64.0',
    });
  });

  it('finds one by its id of 15 or 18 characters, and by its name', () => {
    const managed = setUp();
    const created = managed.create('Orders', {
      topicName: TOPIC,
      label: 'All orders',
      errorRecoveryReplay: 'EARLIEST',
    });
    const other = managed.create('Others', { topicName: TOPIC });
    expect(other.id).to.not.equal(created.id);
    expect(managed.get(created.id)).to.deep.equal(created);
    expect(managed.get(created.id.slice(0, 15))).to.deep.equal(created);
    expect(managed.named('Orders')).to.deep.equal(created);
    expect(managed.get('18x')).to.equal(undefined);
    expect(managed.named('orders')).to.equal(undefined);
    expect(managed.list()).to.deep.equal([created, other]);
  });

  it('changes what is given and nothing else, when it updates', () => {
    const managed = setUp();
    const created = managed.create('Orders', { topicName: TOPIC });
    const updated = managed.update(created.id, { state: 'STOP', label: undefined as never });
    expect(updated).to.deep.equal({ ...created, state: 'STOP' });
    expect(managed.get(created.id)).to.deep.equal(updated);
    expect(managed.update(created.id, { topicName: TOPIC, label: 'x' })).to.deep.equal({ ...updated, label: 'x' });
  });

  it('knows one no more, when it was deleted', () => {
    const managed = setUp();
    const { id } = managed.create('Orders', { topicName: TOPIC });
    managed.delete(id);
    expect(managed.get(id)).to.equal(undefined);
    expect(managed.list()).to.deep.equal([]);
    managed.create('Orders', { topicName: TOPIC });
  });

  it('has nothing committed, when it is new', () => {
    const managed = setUp();
    const { id } = managed.create('Orders', { topicName: TOPIC });
    expect(managed.committed(id)).to.equal(undefined);
    expect(managed.commits(id)).to.deep.equal([]);
    expect(managed.isTaken(id)).to.equal(false);
  });

  it('throws a ConfigurationError and changes nothing, when something does not fit', () => {
    const managed = setUp();
    const { id } = managed.create('Orders', { topicName: TOPIC });
    const wrong: readonly (readonly [() => unknown, string])[] = [
      [() => managed.create('Others', { topicName: '/event/None__e' }), '"/event/None__e" does not'],
      [() => managed.create('ORDERS', { topicName: TOPIC }), 'a managed subscription "ORDERS" already'],
      [() => managed.create('1st', { topicName: TOPIC }), "'1st' has not that form"],
      [() => managed.create('a__b', { topicName: TOPIC }), 'has not that form'],
      [() => managed.create('a_', { topicName: TOPIC }), 'has not that form'],
      [() => managed.create('two words', { topicName: TOPIC }), 'has not that form'],
      [() => managed.create('a'.repeat(81), { topicName: TOPIC }), 'has not that form'],
      [
        () => managed.create('Others', { topicName: TOPIC, label: '' }),
        'The label of a managed subscription is a text',
      ],
      [
        () => managed.create('Others', { topicName: TOPIC, state: 'HALT' as never }),
        "RUN or STOP, and was given as 'HALT'",
      ],
      [() => managed.create('Others', { topicName: TOPIC, defaultReplay: 'CUSTOM' as never }), 'LATEST or EARLIEST'],
      [() => managed.create('Others', { topicName: TOPIC, version: 'v64' }), 'a version of the API'],
      [() => managed.update(id, { errorRecoveryReplay: 1 as never }), 'The errorRecoveryReplay'],
      [() => managed.update(id, { topicName: '/event/B__e' }), 'topic of a managed subscription cannot change'],
      [() => managed.update('18x000000000000AAA', {}), `It has Orders (${id})`],
      [() => managed.delete('18x000000000000AAA'), 'no managed subscription "18x000000000000AAA"'],
      [() => managed.committed('none'), 'no managed subscription "none"'],
    ];
    const before = managed.list();
    for (const [order, message] of wrong) {
      expect(order).to.throw(ConfigurationError, message);
    }
    expect(managed.list()).to.deep.equal(before);
  });
});

function setUp(): ManagedSubscriptions {
  const random = createRandom(1);
  const bus = new Bus({ retentionMs: 1000, now: () => 0, random });
  bus.createTopic({ name: TOPIC, schemaId: 'schema', canPublish: true });
  bus.createTopic({ name: '/event/B__e', schemaId: 'schema', canPublish: true });
  return new ManagedSubscriptions(bus, random);
}
