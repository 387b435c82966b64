import { expect } from 'chai';
import { catchError, firstValueFrom, lastValueFrom, map, of, take, toArray, type Observable } from 'rxjs';
import type { ChangeEvent, PubSubClient } from '@rxforce/core';
import { ConfigurationError, fieldsOf } from '@rxforce/core/model';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { field, filterField, limit, toRecords } from '@rxforce/operators';
import { clientOf } from '../../../core/test/support/emulated.js';

describe('A name that is wrong, on a stream of the emulator', () => {
  let emulator: Emulator;
  let client: PubSubClient;
  let warnings: string[];

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    const { org } = emulator;
    const account = org.create('Account', { Name: 'Acme', AnnualRevenue: 5, BillingAddress: { City: 'Rome' } });
    org.create('Lead', { Name: { LastName: 'Doe' }, Company: 'Acme' });
    org.update('Account', account, { AnnualRevenue: 6 });
    org.delete('Account', account);
  });

  beforeEach(() => {
    warnings = [];
    client = clientOf(emulator, { logger: { warn: (message) => void warnings.push(message) } });
  });

  afterEach(() => client.close());
  after(() => emulator.stop());

  /** All events that are there, through a pipeline. */
  const all = (topic: string, more = {}): Observable<ChangeEvent> =>
    client.changes(topic, { replay: 'earliest', ...more }).pipe(limit(emulator.log(topic).length));

  it('is warned of by the logger of the client, once for each object, with the name that is closest', async () => {
    const passed = all('/data/ChangeEvents').pipe(filterField('BillingCity', 'equals', 'Rome'), toArray());
    expect(await lastValueFrom(passed)).to.deep.equal([]);
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.include('Account has no such field').and.include('Did you mean BillingAddress.City?');
    expect(warnings[1]).to.include('Lead has no such field');
  });

  it('is told from one that is right, in each of the events, and of the records made of them', async () => {
    const test = field<ChangeEvent, 'equals'>('BillingAddress.City', 'equals', 'Rome', { onMismatch: 'error' });
    const told = all('/data/AccountChangeEvent').pipe(toRecords(), map(test), toArray());
    expect(await lastValueFrom(told)).to.deep.equal([true, true, true]);
    expect(warnings).to.deep.equal([]);
  });

  it('errors the stream where that is asked for, and the event comes again', async () => {
    const events$ = all('/data/AccountChangeEvent').pipe(
      filterField('AnnualRevenue', 'greaterThan', '1', { onMismatch: 'error' }),
      catchError((error: unknown) => of(error)),
    );
    const error = await lastValueFrom(events$);
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(String(error)).to.include('AnnualRevenue of Account is a number, and is compared with a text');
    expect((await client.drain()).settled).to.equal(0);
  });

  it('is warned of in the fields of a subscription, which leave it out', async () => {
    const options = { fields: ['Name', 'AnnualRevenu'] };
    const event = await firstValueFrom(all('/data/AccountChangeEvent', options).pipe(take(1)));
    expect(event.data).to.deep.equal({ Name: 'Acme' });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('fields names "AnnualRevenu"').and.include('Did you mean "AnnualRevenue"?');
    expect(fieldsOf(event)?.isRead('AnnualRevenue')).to.equal(false);
  });
});
