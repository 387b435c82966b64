import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { Emulator } from '../../../src/index.js';
import type { Decoded } from '../../support/decoding.js';
import { changesOn, RestClient } from '../../support/rest-client.js';
import { withEmulator } from '../../support/with-emulator.js';

const ALL = '/data/ChangeEvents';

describe('sendGaps', () => {
  it('reports a change by the REST API as a gap, when it is ordered by HTTP, and the next one whole', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator);
      const id = await rest.create('Account', { Name: 'a' });
      await order(emulator, 'sendGaps', { entity: 'Account' });
      await rest.request('PATCH', `/sobjects/Account/${id}`, { Phone: '1' });
      await rest.request('PATCH', `/sobjects/Account/${id}`, { Phone: '2' });
      const [, gap, whole] = await changesOn(client, ALL, 3);
      expect(gap!.header).to.deep.include({ changeType: 'GAP_UPDATE', recordIds: [id], changedFields: [] });
      expect(gap!.data).to.deep.equal({});
      expect(whole!.data).to.include({ Phone: '2' });
    }));

  it('waits for a transaction that changes the object, and reports all of that as gaps', () =>
    withEmulator({}, async ({ org, faults }, client) => {
      faults.sendGaps({ entity: 'Contact', times: 2 });
      org.create('Account', { Name: 'a' });
      org.transaction((tx) => {
        const AccountId = tx.create('Account', { Name: 'b' });
        tx.create('Contact', { Name: { LastName: 'c' }, AccountId });
      });
      org.transaction(() => undefined);
      org.create('Contact', { Name: { LastName: 'd' } });
      org.create('Contact', { Name: { LastName: 'e' } });
      expect(typesOf(await changesOn(client, ALL, 5))).to.deep.equal([
        'Account CREATE',
        'Account GAP_CREATE',
        'Contact GAP_CREATE',
        'Contact GAP_CREATE',
        'Contact CREATE',
      ]);
    }));
});

describe('sendOverflow', () => {
  it('reports the next transaction by an overflow event for each object, when it is ordered by HTTP', () =>
    withEmulator({}, async (emulator, client) => {
      const { org } = emulator;
      await order(emulator, 'sendOverflow', {});
      org.transaction((tx) => {
        tx.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
        tx.create('Contact', { Name: { LastName: 'c' } });
      });
      org.create('Account', { Name: 'd' });
      const events = await changesOn(client, ALL, 3);
      expect(typesOf(events)).to.deep.equal(['Account GAP_OVERFLOW', 'Contact GAP_OVERFLOW', 'Account CREATE']);
      expect(events[0]!.header.recordIds).to.deep.equal(['000000000000000AAA']);
      expect(org.records('Account')).to.have.length(3);
    }));

  it('lets so many changes have events of their own, when it is told to', () =>
    withEmulator({}, async ({ org, faults }, client) => {
      faults.sendOverflow({ entity: 'Account', after: 1 });
      org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      expect(typesOf(await changesOn(client, ALL, 2))).to.deep.equal(['Account CREATE', 'Account GAP_OVERFLOW']);
    }));
});

describe('A fault of change events', () => {
  it('throws a ConfigurationError, when its options are not valid', () =>
    withEmulator({}, ({ faults }) => {
      const mistakes: readonly (readonly [() => void, RegExp])[] = [
        [() => faults.sendGaps({ entity: 'Acount' }), /no object "Acount".*Did you mean "Account"\?/],
        [() => faults.sendGaps({ times: 0 }), /sendGaps: times is 0, but must be a whole number/],
        [() => faults.sendOverflow({ after: -1 }), /sendOverflow: after is -1, but must be a whole number/],
        [() => faults.sendOverflow({ entitty: 'Account' } as object), /no option "entitty".*Did you mean "entity"\?/],
      ];
      for (const [mistake, message] of mistakes) {
        expect(mistake).to.throw(ConfigurationError, message);
      }
      return Promise.resolve();
    }));
});

function typesOf(events: readonly Decoded[]): string[] {
  return events.map(({ header }) => `${header.entityName} ${header.changeType}`);
}

async function order({ faultsUrl }: Emulator, name: string, options: object): Promise<void> {
  const response = await fetch(`${faultsUrl}/${name}`, { method: 'POST', body: JSON.stringify(options) });
  expect(response.status).to.equal(200);
}
