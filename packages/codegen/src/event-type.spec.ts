import { expect } from 'chai';
import { changeSchema } from '../../core/test/support/fake-service.js';
import { hasRecordedData, RECORDED_SCHEMAS, recordedSchema } from '../../core/test/support/recorded.js';
import { SchemaError } from '@rxforce/core/model';
import { eventTypes } from './event-type.js';

const record = (name: string, fields: readonly unknown[]) =>
  JSON.stringify({ type: 'record', name, namespace: 'com.sforce.eventbus', fields });

/** A change event of nothing but its header. */
const changes = (name: string) => ({
  json: record(name, [{ name: 'ChangeEventHeader', type: { type: 'record', name: 'ChangeEventHeader', fields: [] } }]),
});

describe('eventTypes', () => {
  it('knows a change event by its header, which is no field of the record', () => {
    const [event] = eventTypes([changeSchema()]);
    expect(event).to.deep.include({ kind: 'changes', name: 'Thing', topic: '/data/ThingChangeEvent' });
    expect(event?.fields.map(({ name }) => name)).to.deep.equal(['Name']);
  });

  it('names custom objects as their records are named, namespaces included', () => {
    const named = eventTypes([changes('Employee__ChangeEvent'), changes('ns__Car__ChangeEvent')]);
    expect(named.map(({ name }) => name)).to.deep.equal(['Employee__c', 'ns__Car__c']);
  });

  it('knows platform events, and the topics of those that are called otherwise', () => {
    const json = record('Order__e', [{ name: 'CreatedDate', type: 'long' }]);
    expect(eventTypes([{ json }])[0]).to.include({ kind: 'events', name: 'Order__e', topic: '/event/Order__e' });
    const login = { topic: '/event/LoginEventStream', json: record('LoginEvent', []) };
    expect(eventTypes([login])[0]).to.include({ name: 'LoginEvent', topic: '/event/LoginEventStream' });
  });

  it('sorts by name, whatever the order of the schemas', () => {
    const schemas = ['LeadChangeEvent', 'AccountChangeEvent', 'aChangeEvent', 'Lead__ChangeEvent'].map(changes);
    const names = ['Account', 'Lead', 'Lead__c', 'a'];
    expect(eventTypes(schemas).map(({ name }) => name)).to.deep.equal(names);
    expect(eventTypes(schemas.reverse()).map(({ name }) => name)).to.deep.equal(names);
  });

  const bad: readonly (readonly [string, string, string])[] = [
    ['is no JSON', '<html>', 'not an Avro schema'],
    ['is no Avro', '{"type":"recrod"}', 'not an Avro schema'],
    ['is no record', '"string"', 'not a record'],
    ['has the header of changes and another name', changes('Account').json, 'none of change events'],
    ['has the header of changes and no object', changes('ChangeEvent').json, 'none of change events'],
  ];
  for (const [condition, json, message] of bad) {
    it(`refuses a schema that ${condition}`, () => {
      expect(() => eventTypes([{ json }])).to.throw(SchemaError, message);
    });
  }

  if (hasRecordedData) {
    for (const [name, id] of RECORDED_SCHEMAS) {
      it(`reads ${name}`, () => {
        const [event] = eventTypes([{ json: recordedSchema(name) }]);
        expect(event?.schemaId).to.equal(id);
        expect(event?.fields.length).to.be.greaterThan(2);
      });
    }
  }
});
