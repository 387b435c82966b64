import { expect } from 'chai';
import { ReplayId } from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import { cloudEventOf } from './cloud-event.js';
import { jsonEventOf, jsonLinesOf } from './event-json.js';

const plain = changeEvent({ recordIds: ['001000000000001AAA'] });
const origin = ReplayId.parse('AAAAAAABgAAAAA==');
/** As a worker reads it from a log. */
const logged = Object.assign(changeEvent({ recordIds: ['001000000000001AAA'] }), { origin, version: 7n });
const part = Object.assign(changeEvent({ recordIds: ['001000000000001AAA'] }), {
  ...{ origin, version: 7n, split: { partition: 3, of: 32 } },
});

describe('jsonEventOf', () => {
  it('has what an event has that comes from Salesforce', () => {
    expect(Object.keys(jsonEventOf(plain))).to.deep.equal(['id', 'topic', 'replayId', 'header', 'data']);
  });

  it('has the replay id at Salesforce, too, of an event of a log', () => {
    const json = jsonEventOf(logged);
    expect(json).to.include({ id: logged.id, replayId: String(logged.replayId), origin: String(origin) });
    expect(json).not.to.have.property('split');
  });

  it('says which part it is, of an event that several partitions have', () => {
    const line = JSON.parse(jsonLinesOf([part])) as object;
    expect(line).to.deep.include({ id: `${part.id}-3`, origin: String(origin), split: { partition: 3, of: 32 } });
  });
});

describe('cloudEventOf', () => {
  const source = 'https://acme.my.salesforce.com';

  it('has neither origin nor split of an event that comes from Salesforce', () => {
    expect(cloudEventOf(plain, source)).not.to.have.any.keys('origin', 'split', 'splitpartition', 'splitof');
  });

  it('has both as attributes of an event of a log, by names and of types that CloudEvents allows', () => {
    const event = cloudEventOf(part, source);
    expect(event).to.include({ id: `${part.id}-3`, origin: String(origin), splitpartition: 3, splitof: 32 });
    expect(event.data).to.have.all.keys('topic', 'replayId', 'header', 'data');
    for (const [name, value] of Object.entries(event)) {
      expect(name).to.match(/^[a-z0-9]{1,20}$/);
      if (name !== 'data') expect(typeof value).to.be.oneOf(['string', 'number', 'boolean']);
    }
  });
});
