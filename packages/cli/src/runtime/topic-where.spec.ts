import { expect } from 'chai';
import { AuthenticationError, ConnectionError } from '@rxforce/core/model';
import { lastValueFrom, of, throwError, toArray, type Observable } from 'rxjs';
import { BrokenConfigurationError } from '../config/configuration.js';
import { settingOf } from '../config/place.js';
import type { SinkEvent } from '../sinks/sink.js';
import { onlyWhere, whereCheck } from './topic-where.js';
import type { Where } from './where-problems.js';

const json = JSON.stringify({ name: 'LeadChangeEvent', fields: [{ name: 'Count', type: 'int' }] });
const event = {
  header: { changeType: 'CREATE', changedFields: [], diffFields: [] },
  data: { Count: 5 },
  [Symbol.for('@rxforce/core/fields/1')]: { schemaJson: json },
} as unknown as SinkEvent;

const planOf = (where: Where, topic = '/data/LeadChangeEvent') => ({
  ...{ topic, where },
  placeOf: (path: readonly (string | number)[]) => ({ setting: settingOf(['topics', 0, ...path]), at: 'a.yaml:1:1' }),
});
const MUCH: Where = { Count: { greater_than: 'much' } };
const all = (values$: Observable<unknown>) => lastValueFrom(values$.pipe(toArray()));
const failureOf = (values$: Observable<unknown>) =>
  all(values$).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('onlyWhere', () => {
  const through = (plan: ReturnType<typeof planOf>, warnings: string[] = []) =>
    of(event, event).pipe(onlyWhere(plan, { warn: (text) => warnings.push(text) }));

  it('errors with the place in the file, when the first event shows that none can pass', async () => {
    const error = (await failureOf(through(planOf(MUCH)))) as BrokenConfigurationError;
    expect(error).to.be.instanceOf(BrokenConfigurationError);
    expect(error.problems.map(({ setting, at }) => `${at} ${setting}`)).to.deep.equal([
      'a.yaml:1:1 topics[0].where.Count.greater_than',
    ]);
  });

  it('warns once of a comparison, and not of a field that an object does not have, when it is a channel', async () => {
    const warnings: string[] = [];
    expect(await all(through(planOf(MUCH, '/data/ChangeEvents'), warnings))).to.deep.equal([]);
    expect(await all(through(planOf({ Name: { equals: 'a' } }, '/data/ChangeEvents'), warnings))).to.deep.equal([]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('/data/ChangeEvents: where compares Count of LeadChangeEvent with a text');
    expect(await all(through(planOf({ Count: { equals: '5' } }, '/data/ChangeEvents')))).to.have.length(2);
  });
});

describe('whereCheck', () => {
  const clientOf = (topic$: Observable<never>) => ({ topic: () => topic$, schema: () => of({ id: 's', json }) });
  const topic$ = of({ schemaId: 's' }) as unknown as Observable<never>;

  it('errors before anything is read, when no event can pass', async () => {
    expect(await failureOf(whereCheck(planOf(MUCH), clientOf(topic$)))).to.be.instanceOf(BrokenConfigurationError);
    expect(await all(whereCheck(planOf({ Count: { equals: '5' } }), clientOf(topic$)))).to.deep.equal([]);
  });

  it('leaves it to the first event, when the schema cannot be had; but not when the login is refused', async () => {
    const away = throwError(() => new ConnectionError('away', { retriable: true }));
    expect(await all(whereCheck(planOf(MUCH), clientOf(away)))).to.deep.equal([]);
    const refused = throwError(() => new AuthenticationError('refused', {}));
    expect(await failureOf(whereCheck(planOf(MUCH), clientOf(refused)))).to.be.instanceOf(AuthenticationError);
  });
});
