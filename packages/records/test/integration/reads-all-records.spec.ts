import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, take, toArray, type Observable } from 'rxjs';
import type { PubSubClient } from '@rxforce/core';
import { ConfigurationError, ServiceError } from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { records, type RecordRead } from '@rxforce/records';
import { clientOf } from '../../../core/test/support/emulated.js';
import { rejection } from '../../../core/test/support/rejection.js';
import { watched, type WatchedClient } from '../support/org.js';

const ACCOUNTS = 450;
/** So many fields that no URL can name them. */
const WIDE = Object.fromEntries(
  Array.from({ length: 400 }, (_, index) => [`A_field_with_a_name_that_is_long_${index}__c`, 'Text'] as const),
);

describe('records()', () => {
  let emulator: Emulator;
  let real: PubSubClient;
  let client: WatchedClient;
  let warnings: string[];
  const logger = { warn: (message: string) => void warnings.push(message) };
  const ids: string[] = [];

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    real = clientOf(emulator);
    const { org } = emulator;
    org.transaction((tx) => {
      for (let index = 0; index < ACCOUNTS; index++) {
        ids.push(tx.create('Account', { Name: `account ${index}`, Type: index % 3 === 0 ? 'Customer' : 'Prospect' }));
      }
      tx.create('Contact', { Name: { LastName: 'Doe' } });
    });
    org.createObject('Wide__c', { fields: WIDE });
    org.create('Wide__c', { A_field_with_a_name_that_is_long_7__c: 'seven' });
  });

  beforeEach(() => {
    warnings = [];
    client = watched(real);
  });

  after(async () => {
    real.close();
    await emulator.stop();
  });

  const idsOf = async (all: Observable<RecordRead<unknown>>) =>
    (await lastValueFrom(all.pipe(toArray()))).map(({ recordId }) => recordId);

  describe('all()', () => {
    it('emits every record once, in the order of ids, when there are several pages', async () => {
      const all = await idsOf(records(client, 'Account', { pageSize: 200 }).all());
      expect(all).to.deep.equal([...ids].sort());
      const pages = client.pathsWith('/query');
      expect(pages).to.have.length(3);
      expect(pages[0]).to.not.include('WHERE');
      expect(pages[2]).to.include(`WHERE Id > '${all[399]}' ORDER BY Id LIMIT 200`);
    });

    it('asks for a page only after the records of the one before were emitted', async () => {
      const accounts = records(client, 'Account', { pageSize: 200 });
      const asked: number[] = [];
      await lastValueFrom(accounts.all().pipe(take(201)), { defaultValue: undefined });
      expect(client.pathsWith('/query')).to.have.length(2);
      let count = 0;
      await accounts.all().forEach(() => {
        if (++count % 200 === 0) asked.push(client.pathsWith('/query').length - 2);
      });
      expect(asked).to.deep.equal([1, 2]);
    });

    it('goes on after a record', async () => {
      const sorted = [...ids].sort();
      const after = sorted[299]!;
      expect(await idsOf(records(client, 'Account').all({ after }))).to.deep.equal(sorted.slice(300));
    });

    it('reads one of several objects, when it is asked for that one', async () => {
      const both = records(client, ['Contact', 'Account'], { fields: ['Name'] });
      expect(await idsOf(both.all({ entity: 'Account' }))).to.deep.equal(ids);
      expect(() => both.all({ entity: 'Lead' }))
        .to.throw('Contact, Account')
        .instanceOf(ConfigurationError);
    });

    it('reads several objects one after the other, and goes on in the one whose record is given', async () => {
      const both = records(client, ['Account', 'Contact']);
      const all = await idsOf(both.all());
      expect(all).to.have.length(ACCOUNTS + 1);
      expect(await idsOf(both.all({ after: all[448]! }))).to.deep.equal(all.slice(449));
      expect(await idsOf(both.all({ after: all[450]! }))).to.deep.equal([]);
      expect(await rejection(idsOf(both.all({ after: '006000000000001AAA' })))).to.be.instanceOf(ConfigurationError);
    });

    it('reads what fulfils a condition', async () => {
      for (const by of ['rest', 'bulk'] as const) {
        const customers = records(client, 'Account', { by, where: "Type = 'Customer' OR Name = 'account 1'" });
        expect(await idsOf(customers.all())).to.have.length(151);
      }
      const paged = records(client, 'Account', { pageSize: 200, where: "Type = 'Prospect' OR Name = 'account 0'" });
      expect(await idsOf(paged.all())).to.have.length(301);
    });

    it('reads the fields that are asked for, and no others', async () => {
      const accounts = records<{ Name: string; Type: string }>(client, 'Account', { fields: ['Type', 'Name'] });
      const { record } = await firstValueFrom(accounts.all());
      expect(record).to.deep.equal({ Name: 'account 0', Type: 'Customer' });
      expect(client.pathsWith('/query')[0]).to.match(/^\/query\?q=SELECT Id,SystemModstamp,.*Type FROM Account/);
      expect(client.pathsWith('/query')[0]).to.not.include('Phone');
    });

    it('reads an object with too many fields for a URL by a job, and one record of it, too', async () => {
      const wide = records(client, 'Wide__c');
      const [row] = await lastValueFrom(wide.all().pipe(toArray()));
      expect(row!.record).to.include({ A_field_with_a_name_that_is_long_7__c: 'seven' });
      expect(client.pathsWith('/query?')).to.deep.equal([]);
      expect(client.pathsWith('/jobs/query').length).to.be.at.least(3);
      expect(await firstValueFrom(wide.read(row!.recordId))).to.deep.equal(row!.record);
      const byRest = await rejection(idsOf(records(client, 'Wide__c', { by: 'rest' }).all()));
      expect(byRest).to.be.instanceOf(ConfigurationError).with.property('message').that.includes("by: 'bulk'");
      const after = await rejection(idsOf(wide.all({ after: row!.recordId })));
      expect(after).to.be.instanceOf(ConfigurationError).with.property('message').that.includes('no order');
    });

    it('errors with the words of the org, when the condition is wrong', async () => {
      for (const by of ['rest', 'bulk'] as const) {
        const error = await rejection(idsOf(records(client, 'Account', { by, where: 'Nmae = 1' }).all()));
        expect(error).to.be.instanceOf(ConfigurationError);
        expect((error as Error).message)
          .to.include('where')
          .and.include('Nmae');
        expect((error as Error).cause).to.be.instanceOf(ServiceError);
      }
    });
  });

  describe('read()', () => {
    it('emits undefined, when the record is deleted or never was', async () => {
      const deleted = emulator.org.create('Account', { Name: 'gone' });
      emulator.org.delete('Account', deleted);
      const accounts = records(client, 'Account');
      expect(await lastValueFrom(accounts.read(deleted).pipe(toArray()))).to.deep.equal([undefined]);
      expect(await firstValueFrom(accounts.read('001000000099999AAA'))).to.equal(undefined);
    });

    it('reads a record that does not fulfil the condition', async () => {
      const none = records(client, 'Account', { where: "Name = 'nobody'", fields: ['Name'] });
      expect(await firstValueFrom(none.read(ids[0]!))).to.deep.equal({ Name: 'account 0' });
    });

    it('looks at an object once, and reads at each subscription', async () => {
      const name$ = records(client, 'Account', { fields: ['Name'] }).read(ids[5]!);
      await Promise.all([firstValueFrom(name$), firstValueFrom(name$)]);
      emulator.org.update('Account', ids[5]!, { Name: 'renamed' });
      expect(await firstValueFrom(name$)).to.deep.equal({ Name: 'renamed' });
      expect(client.pathsWith('/describe')).to.have.length(1);
      emulator.org.update('Account', ids[5]!, { Name: 'account 5' });
    });

    it('knows the object of an id among several', async () => {
      const both = records(client, ['Account', 'Contact'], { fields: ['Name'] });
      expect(await firstValueFrom(both.read(ids[0]!))).to.deep.equal({ Name: 'account 0' });
      const error = await rejection(firstValueFrom(both.read('006000000000001AAA')));
      expect(error).to.be.instanceOf(ConfigurationError);
    });
  });

  describe('errors before anything is read,', () => {
    const wrong: [string, string, object, RegExp, unknown][] = [
      [
        'the org has no such object',
        'Nothing__c',
        {},
        /Nothing__c cannot be read: the org has no such object/,
        ConfigurationError,
      ],
      [
        'events have no such field',
        'Account',
        { fields: ['BillingCity'] },
        /Did you mean "BillingAddress"/,
        ConfigurationError,
      ],
      ['a path is given for a field', 'Account', { fields: ['Name.LastName'] }, /whole fields/, ConfigurationError],
    ];
    for (const [when, entity, options, message, type] of wrong) {
      it(`when ${when}`, async () => {
        const error = await rejection(firstValueFrom(records(client, entity, options).read('001000000000001AAA')));
        expect(error).to.be.instanceOf(type).with.property('message').that.matches(message);
      });
    }

    it('when the object cannot be queried', async () => {
      const blind = watched(real, async ({ path }) => {
        if (!path.endsWith('/describe')) return undefined;
        const described = (await (await real.fetch(`/services/data/v64.0${path}`)).json()) as object;
        return Response.json({ ...described, queryable: false });
      });
      const error = await rejection(idsOf(records(blind, 'Account').all()));
      expect(error).to.be.instanceOf(ConfigurationError).with.property('message').that.includes('cannot be queried');
      expect(blind.pathsWith('/query')).to.deep.equal([]);
    });
  });

  it('leaves out what the user may not read, and warns of it once', async () => {
    const hidden = watched(real, async ({ path }) => {
      if (!path.endsWith('/describe')) return undefined;
      const described = (await (await real.fetch(`/services/data/v64.0${path}`)).json()) as {
        fields: { name: string }[];
      };
      const fields = described.fields.filter(({ name }) => name !== 'AnnualRevenue' && !name.startsWith('Shipping'));
      return Response.json({ ...described, fields });
    });
    const accounts = records(hidden, 'Account', { logger });
    const { record } = await firstValueFrom(accounts.all());
    expect(record).to.not.have.any.keys('AnnualRevenue', 'ShippingAddress');
    expect(record).to.have.all.keys(
      ...Object.keys((await firstValueFrom(records(real, 'Account').all())).record).filter(
        (name) => !['AnnualRevenue', 'ShippingAddress'].includes(name),
      ),
    );
    await lastValueFrom(accounts.all());
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('without ShippingAddress, AnnualRevenue');
  });
});
