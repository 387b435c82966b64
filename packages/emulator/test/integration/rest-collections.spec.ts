import { expect } from 'chai';
import { changesOn, errorOf, type RestAnswer, RestClient } from '../support/rest-client.js';
import { withEmulator } from '../support/with-emulator.js';

interface Result {
  readonly id?: string;
  readonly success: boolean;
  readonly created?: boolean;
  readonly errors: readonly { readonly statusCode: string }[];
}

const TOPIC = '/data/AccountChangeEvent';
const attributes = { type: 'Account' };

describe('Collections of records', () => {
  it('are one transaction, when they are created, updated and deleted', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator);
      const created = await rest.request('POST', '/composite/sobjects', {
        records: [
          { attributes, Name: 'a' },
          { attributes, Name: 'b' },
          { attributes: { type: 'Lead' }, LastName: 'c', Company: 'd' },
        ],
      });
      const [a, b, lead] = idsOf(created);
      const updated = await rest.request('PATCH', '/composite/sobjects', {
        records: [
          { attributes, id: a, Industry: 'Energy' },
          { attributes, Id: b, Industry: 'Energy' },
        ],
      });
      expect(idsOf(updated)).to.deep.equal([a, b]);
      const deleted = await rest.request('DELETE', `/composite/sobjects?ids=${a},${lead}`);
      expect(idsOf(deleted)).to.deep.equal([a, lead]);

      const events = await changesOn(client, '/data/ChangeEvents', 6);
      const [first, second, third, update, removeAccount, removeLead] = events.map(({ header }) => header);
      expect([first, second, third].map((each) => each!.changeType)).to.deep.equal(['CREATE', 'CREATE', 'CREATE']);
      expect(new Set([first, second, third].map((each) => each!.transactionKey)).size).to.equal(1);
      expect(update!.recordIds).to.deep.equal([a, b]);
      expect([removeAccount!.recordIds, removeLead!.recordIds]).to.deep.equal([[a], [lead]]);
      expect(removeLead!.transactionKey).to.equal(removeAccount!.transactionKey);
    }));

  it('save what they can, when some of them fail and nobody asked for all or none', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const answer = await rest.request('POST', '/composite/sobjects', {
        records: [{ attributes, Name: 'a' }, { attributes }, { attributes: { type: 'Nothing' } }, { Name: 'd' }],
      });
      expect(answer.status).to.equal(200);
      expect(codesOf(answer)).to.deep.equal([undefined, 'REQUIRED_FIELD_MISSING', 'INVALID_TYPE', 'INVALID_INPUT']);
      expect(emulator.org.records('Account').map(({ Name }) => Name)).to.deep.equal(['a']);
    }));

  it('save nothing, when one of them fails and all or none is asked for', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const id = await rest.create('Account', { Name: 'a' });
      const before = emulator.log(TOPIC).length;
      const rolledBack = 'ALL_OR_NONE_OPERATION_ROLLED_BACK';
      const create = { allOrNone: true, records: [{ attributes, Name: 'b' }, { attributes }] };
      expect(codesOf(await rest.request('POST', '/composite/sobjects', create))).to.deep.equal([
        rolledBack,
        'REQUIRED_FIELD_MISSING',
      ]);
      const ids = `${id},001Hs0000000001`;
      expect(codesOf(await rest.request('DELETE', `/composite/sobjects?ids=${ids}&allOrNone=true`))).to.deep.equal([
        rolledBack,
        'INVALID_CROSS_REFERENCE_KEY',
      ]);
      expect(emulator.log(TOPIC)).to.have.length(before);
      expect(emulator.org.records('Account')).to.have.length(1);
    }));

  it('refuse a record, when it is there twice, deleted, or of no object', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const id = await rest.create('Account', { Name: 'a' });
      const records = [
        { attributes, id, Phone: '1' },
        { attributes, id: id.slice(0, 15), Phone: '2' },
        { attributes, id: '12', Phone: '3' },
      ];
      expect(codesOf(await rest.request('PATCH', '/composite/sobjects', { records }))).to.deep.equal([
        undefined,
        'DUPLICATE_VALUE',
        'MALFORMED_ID',
      ]);
      expect(emulator.org.record('Account', id).Phone).to.equal('1');
      expect(codesOf(await rest.request('DELETE', `/composite/sobjects?ids=${id},${id},zzz`))).to.deep.equal([
        undefined,
        'DUPLICATE_VALUE',
        'MALFORMED_ID',
      ]);
      expect(codesOf(await rest.request('DELETE', `/composite/sobjects?ids=${id}`))).to.deep.equal([
        'ENTITY_IS_DELETED',
      ]);
    }));

  it('are refused as a whole, when they are more than 200 or not what they must be', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const records = Array.from({ length: 201 }, () => ({ attributes, Name: 'a' }));
      const post = async (body: object) => errorOf(await rest.request('POST', '/composite/sobjects', body));
      expect(await post({ records })).to.include({ status: 400, errorCode: 'EXCEEDED_ID_LIMIT' });
      expect(await post({})).to.include({ status: 400, errorCode: 'REQUIRED_FIELD_MISSING' });
      expect(await post({ records: [5] })).to.include({ status: 400, errorCode: 'JSON_PARSER_ERROR' });
      const unreadable = {
        records: [
          { attributes, Name: 'a' },
          { attributes, Name: 'b', AnnualRevenue: 'c' },
        ],
      };
      expect(await post(unreadable)).to.include({ status: 400, errorCode: 'JSON_PARSER_ERROR' });
      expect(emulator.org.records('Account')).to.have.length(0);
      expect((await rest.request('POST', '/composite/sobjects', { records: records.slice(1) })).status).to.equal(200);
    }));

  it('are published, when they are platform events', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator);
      const event = { attributes: { type: 'Order_Event__e' } };
      const answer = await rest.request('POST', '/composite/sobjects', {
        records: [
          { ...event, Order_Number__c: 'O-1' },
          { ...event, Nothing__c: 1 },
          { attributes, Name: 'a' },
        ],
      });
      expect(codesOf(answer)).to.deep.equal(['OPERATION_ENQUEUED', 'INVALID_FIELD', undefined]);
      expect((answer.body as Result[]).map(({ success }) => success)).to.deep.equal([true, false, true]);
      const [published] = await changesOn(client, '/event/Order_Event__e', 1);
      expect(published!.data).to.include({ Order_Number__c: 'O-1' });
      const all = { allOrNone: true, records: [event, { attributes }] };
      await rest.request('POST', '/composite/sobjects', all);
      expect(emulator.log('/event/Order_Event__e')).to.have.length(1);
    }));

  it('come in the order that was asked for, with null for what is not there', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const a = await rest.create('Account', { Name: 'a' });
      const b = await rest.create('Account', { Name: 'b' });
      const ids = [b, '001Hs0000000001', a];
      const names = ({ body }: RestAnswer) => (body as ({ Name: string } | null)[]).map((each) => each?.Name);
      const posted = await rest.request('POST', '/composite/sobjects/Account', { ids, fields: ['Name'] });
      expect(names(posted)).to.deep.equal(['b', undefined, 'a']);
      const got = await rest.request('GET', `/composite/sobjects/Account?ids=${ids.join()}&fields=Id,Name`);
      expect(names(got)).to.deep.equal(['b', undefined, 'a']);
      expect(errorOf(await rest.request('GET', `/composite/sobjects/Account?ids=${a}`))).to.include({
        errorCode: 'MISSING_ARGUMENT',
      });
    }));
});

describe('Records named by an external id', () => {
  it('are created first and updated then, when they are upserted', () =>
    withEmulator({}, async (emulator, client) => {
      const rest = new RestClient(emulator);
      const path = '/sobjects/Account/ERP_Key__c/K%201%2Fx';
      const first = await rest.request('PATCH', path, { Name: 'a' });
      const second = await rest.request('PATCH', path.replace('K%201', 'k%201'), { Name: 'b' });
      const { id } = first.body as Result;
      expect([first.status, first.body]).to.deep.equal([201, { id, success: true, errors: [], created: true }]);
      expect([second.status, second.body]).to.deep.equal([200, { id, success: true, errors: [], created: false }]);
      const old = await new RestClient(emulator, 'v45.0').request('PATCH', path, { Name: 'c' });
      expect(old.status).to.equal(204);
      expect(emulator.org.record('Account', id!)).to.include({ Name: 'c', ERP_Key__c: 'K 1/x' });
      const events = await changesOn(client, TOPIC, 3);
      expect(events.map(({ header }) => header.changeType)).to.deep.equal(['CREATE', 'UPDATE', 'UPDATE']);
      expect((await rest.request('GET', path)).body).to.include({ Id: id });
      expect((await rest.request('DELETE', path)).status).to.equal(204);
      expect((await rest.request('GET', path)).status).to.equal(404);
    }));

  it('are a choice, when several have the value', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const ids = emulator.org.create('Account', [
        { Name: 'a', ERP_Key__c: 'K' },
        { Name: 'b', ERP_Key__c: 'K' },
      ]);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? {} : undefined;
        const answer = await rest.request(method, '/sobjects/Account/ERP_Key__c/K', body);
        expect([answer.status, answer.body], method).to.deep.equal([
          300,
          ids.map((id) => `/services/data/v64.0/sobjects/Account/${id}`),
        ]);
      }
    }));

  it('cannot be found, when the field names no records', () =>
    withEmulator({}, async (emulator) => {
      const answer = await new RestClient(emulator).request('PATCH', '/sobjects/Account/Phone/1', { Name: 'a' });
      expect(errorOf(answer)).to.include({ status: 404, errorCode: 'NOT_FOUND' });
    }));

  it('are upserted many at once, by an external id or by their own', () =>
    withEmulator({}, async (emulator) => {
      const rest = new RestClient(emulator);
      const [id] = emulator.org.create('Account', [{ Name: 'a', ERP_Key__c: 'K1' }]);
      const external = await upsertMany(rest, 'ERP_Key__c', [
        { attributes, ERP_Key__c: 'k1', Phone: '1' },
        { attributes, ERP_Key__c: 'K2', Name: 'b' },
        { attributes, ERP_Key__c: 'K2', Name: 'c' },
        { attributes, Name: 'd' },
      ]);
      expect(external.map(({ created }) => created)).to.deep.equal([false, true, undefined, undefined]);
      expect(external[2]!.errors[0]!.statusCode).to.equal('DUPLICATE_VALUE');
      expect(external[3]!.errors[0]!.statusCode).to.equal('MISSING_ARGUMENT');
      expect(external[0]!.id).to.equal(id);
      const own = await upsertMany(rest, 'Id', [{ attributes, id, Fax: '2' }]);
      expect(own[0]).to.deep.include({ id, created: false });
      const numbers = await upsertMany(rest, 'Health_Score__c', [
        { attributes, Health_Score__c: 5, Name: 'e' },
        { attributes, Health_Score__c: '5.0', Name: 'f' },
      ]);
      expect(numbers.map(({ created }) => created)).to.deep.equal([true, undefined]);
      expect(emulator.org.record('Account', id!)).to.include({ Phone: '1', Fax: '2' });
    }));
});

async function upsertMany(rest: RestClient, field: string, records: readonly object[]): Promise<Result[]> {
  return (await rest.request('PATCH', `/composite/sobjects/Account/${field}`, { records })).body as Result[];
}

function idsOf({ body, text }: RestAnswer): string[] {
  const results = body as Result[];
  expect(
    results.every(({ success }) => success),
    text,
  ).to.be.true;
  return results.map(({ id }) => id!);
}

function codesOf({ body }: RestAnswer): (string | undefined)[] {
  return (body as Result[]).map(({ errors }) => errors[0]?.statusCode);
}
