import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { ServiceError } from '@rxforce/core/model';
import { SteppedTime } from '../../core/test/support/stepped-time.js';
import { fakeOrg, idOf, recordOf } from '../test/support/fake-org.js';
import { records } from './records.js';

const ID = idOf(1);
const invalidField = () => new ServiceError('No such column', { serviceCode: 'INVALID_FIELD' });

describe('records', () => {
  const org = () => fakeOrg(() => recordOf(1));

  const wrongNames: unknown[] = [
    '',
    [],
    'Account; DROP',
    '/data/AccountChangeEvent',
    ['Account', 5],
    undefined,
    'Order__e',
  ];
  for (const entity of wrongNames) {
    it(`throws, when the object is ${JSON.stringify(entity)}`, () => {
      expect(() => records(org(), entity as string))
        .to.throw()
        .with.property('code', 'configuration');
    });
  }

  it('calls nothing before somebody subscribes', () => {
    const client = org();
    const accounts = records(client, 'Account');
    accounts.read(ID);
    accounts.all();
    expect(client.calls).to.deep.equal([]);
  });

  for (const id of ['', 'x', `${ID}'`, undefined, 5]) {
    it(`throws, when a record is to be read whose id is ${JSON.stringify(id)}`, () => {
      expect(() => records(org(), 'Account').read(id as string))
        .to.throw('id')
        .with.property('code', 'configuration');
    });
  }

  it('throws, when all are to be read after what is no id, or after a record by a job', () => {
    expect(() => records(org(), 'Account').all({ after: '5' })).to.throw('after');
    expect(() => records(org(), 'Account', { by: 'bulk' }).all({ after: ID })).to.throw("by: 'rest'");
  });

  it('emits one record and completes', async () => {
    const read = records(org(), 'Account').read(ID).pipe(toArray());
    expect(await lastValueFrom(read)).to.deep.equal([{ Name: 'account 1', Phone: null }]);
  });

  it('looks at the object again, when ten minutes have passed', async () => {
    const time = new SteppedTime();
    const client = org();
    const accounts = records(client, 'Account', { scheduler: time });
    await firstValueFrom(accounts.read(ID));
    await time.pass(599_999);
    await firstValueFrom(accounts.read(ID));
    expect(client.schemas).to.equal(1);
    await time.pass(1);
    await firstValueFrom(accounts.read(ID));
    expect(client.schemas).to.equal(2);
  });

  it('looks at the object again, when a field is gone', async () => {
    const answers = [recordOf(1), invalidField(), recordOf(2)];
    const client = fakeOrg(() => answers.shift());
    const accounts = records(client, 'Account');
    await firstValueFrom(accounts.read(ID));
    expect(await firstValueFrom(accounts.read(ID))).to.include({ Name: 'account 2' });
    expect(client.schemas).to.equal(2);
  });

  it('errors, when the field is still gone after another look', async () => {
    const client = fakeOrg(invalidField);
    const error = await firstValueFrom(records(client, 'Account').read(ID)).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('serviceCode', 'INVALID_FIELD');
    expect(client.schemas).to.equal(2);
  });

  it('looks at the object again, when all are read after an attempt that failed', async () => {
    const answers = [invalidField(), { done: true, records: [recordOf(2)] }];
    const client = fakeOrg(() => answers.shift());
    const all = records(client, 'Account').all();
    expect(await firstValueFrom(all).catch((thrown: unknown) => thrown)).to.have.property('code', 'service');
    expect(await firstValueFrom(all)).to.have.property('recordId', idOf(2));
    expect(client.schemas).to.equal(2);
  });

  it('looks again, when the first look failed', async () => {
    const client = org();
    const { topic } = client;
    client.topic = () => of({ ...topicInfo, schemaId: undefined });
    const accounts = records(client, 'Account');
    const error = await firstValueFrom(accounts.read(ID)).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'configuration');
    client.topic = topic;
    expect(await firstValueFrom(accounts.read(ID))).to.include({ Name: 'account 1' });
  });

  it('ends the look, when the only one who waits for it leaves', async () => {
    const aborted: boolean[] = [];
    const client = fakeOrg(() => recordOf(1));
    client.fetch = (_path, request) => {
      request?.signal?.addEventListener('abort', () => aborted.push(true));
      return new Promise(() => undefined);
    };
    const subscription = records(client, 'Account').read(ID).subscribe();
    subscription.unsubscribe();
    await Promise.resolve();
    await Promise.resolve();
    expect(aborted).to.deep.equal([true]);
  });
});

const topicInfo = { topic: '/data/ChangeEvents', tenantId: '', canPublish: false, canSubscribe: true };
