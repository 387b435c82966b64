import type { WireSchemaInfo } from '@rxforce/core/codec';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { decode } from '../support/decoding.js';
import { withEmulator } from '../support/with-emulator.js';

describe('startLoad', () => {
  it('makes exactly as many events as its limit, when it has one', () =>
    withEmulator({}, async ({ startLoad }, client) => {
      const load = startLoad({ eventsPerSecond: 100_000, limit: 501 });
      await load.done;
      expect(load.made).to.equal(501);
      const stream = client.open();
      let received = 0;
      while (received < 501) {
        stream.request({ topicName: '/data/ChangeEvents', replayPreset: 1, numRequested: 100 });
        received += (await stream.next()).events.length;
      }
      expect(received).to.equal(501);
    }));

  it('makes mostly updates, some of several records, when it runs for a while', () =>
    withEmulator({}, async ({ startLoad }, client) => {
      await startLoad({ eventsPerSecond: 100_000, limit: 1000 }).done;
      const stream = client.open();
      const events = [];
      while (events.length < 1000) {
        stream.request({ topicName: '/data/ChangeEvents', replayPreset: 1, numRequested: 100 });
        events.push(...(await stream.next()).events);
      }
      const ids = new Set(events.map(({ event }) => event!.schemaId));
      const schemas = new Map<string, string>();
      for (const schemaId of ids) {
        schemas.set(schemaId, (await client.call<WireSchemaInfo>('GetSchema', { schemaId })).schemaJson);
      }
      const headers = events.map(({ event }) => decode(schemas.get(event!.schemaId)!, event!.payload).header);
      const count = (changeType: string) => headers.filter((header) => header.changeType === changeType).length;
      expect(count('UPDATE')).to.be.above(count('CREATE'));
      expect(count('CREATE')).to.be.above(count('DELETE'));
      expect(count('DELETE')).to.be.above(0);
      expect(count('UNDELETE')).to.be.above(0);
      expect(headers.filter(({ recordIds }) => recordIds.length > 1)).to.not.be.empty;
      expect(headers.filter(({ sequenceNumber }) => sequenceNumber > 1)).to.not.be.empty;
      expect(new Set(headers.map(({ entityName }) => entityName)).size).to.equal(5);
    }));

  it('changes some objects only, when they are named', () =>
    withEmulator({}, async ({ startLoad, org }, client) => {
      await startLoad({ eventsPerSecond: 100_000, limit: 50, entities: ['Lead'] }).done;
      const { topic } = org.entities().find(({ name }) => name === 'Lead')!;
      const stream = client.open().request({ topicName: topic, replayPreset: 1, numRequested: 50 });
      expect((await stream.next()).events).to.have.length(50);
    }));

  it('makes no more, when it was stopped', () =>
    withEmulator({}, async ({ startLoad }) => {
      const load = startLoad({ eventsPerSecond: 100_000, limit: 1_000_000 });
      load.stop();
      await load.done;
      expect(load.made).to.equal(0);
    }));

  it('throws a ConfigurationError, when an option is not valid', () =>
    withEmulator({}, ({ startLoad }) => {
      expect(() => startLoad({ eventsPerSecond: 0 })).to.throw(ConfigurationError, 'eventsPerSecond');
      expect(() => startLoad({ eventsPerSecond: 1, limit: NaN })).to.throw(ConfigurationError, 'limit');
      expect(() => startLoad({ eventsPerSecond: 1, entities: ['None'] })).to.throw(ConfigurationError, 'None');
      expect(() => startLoad({ eventsPerSecond: 1, entities: [] })).to.throw(ConfigurationError, 'at least one');
      return Promise.resolve();
    }));
});
