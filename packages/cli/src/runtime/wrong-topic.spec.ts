import { ConfigurationError, TopicUnavailableError } from '@rxforce/core/model';
import { expect } from 'chai';
import { withClosestTopic } from './wrong-topic.js';

const unavailable = (topic: string) => new TopicUnavailableError(`There is no topic ${topic}.`, { topic });

/** A client of an org with some topics. */
const clientOf = (...names: readonly string[]) => ({
  fetch: (path: string) => {
    const sobjects = names.map((name) => ({ name }));
    const answer = path.endsWith('/sobjects') ? { sobjects } : { records: [{ DeveloperName: 'Sales' }] };
    return Promise.resolve(new Response(JSON.stringify(answer)));
  },
});
const silent = { fetch: () => Promise.reject(new Error('no REST for this user')) };
const org = clientOf('Account', 'AccountChangeEvent', 'LeadChangeEvent', 'Employee__ChangeEvent', 'Order_Event__e');

describe('withClosestTopic', () => {
  const cases: readonly (readonly [given: string, meant: string | undefined])[] = [
    ['/data/AcountChangeEvent', '/data/AccountChangeEvent'],
    ['/data/accountChangeEvent', '/data/AccountChangeEvent'],
    ['/data/AccountChangeEvents', '/data/AccountChangeEvent'],
    ['/data/Employe__ChangeEvent', '/data/Employee__ChangeEvent'],
    ['/event/OrderEvent__e', '/event/Order_Event__e'],
    ['/data/Sale__chn', '/data/Sales__chn'],
    ['/data/AccountChangeEvnt', '/data/AccountChangeEvent'],
    ['/data/AcountChangeEvnets', '/data/AccountChangeEvent'],
    ['/data/AccountChangeEvntChangeEvent', '/data/AccountChangeEvent'],
    ['/data/LaedChangEvent', '/data/LeadChangeEvent'],
    ['/data/Employee_ChangeEvent', '/data/Employee__ChangeEvent'],
    ['/data/EmployeeChangeEvent', '/data/Employee__ChangeEvent'],
    ['/event/Order_Event_e', '/event/Order_Event__e'],
    ['/data/Sales_chn', '/data/Sales__chn'],
    ['/data/CaseChangeEvent', undefined],
    ['/data/LandChangeEventss', undefined],
    ['/event/Account__e', undefined],
    ['/data/NothingChangeEvent', undefined],
  ];
  for (const [given, meant] of cases) {
    it(`names ${meant ?? 'no other topic'}, when ${given} is not there`, async () => {
      const told = (await withClosestTopic(unavailable(given), org)) as TopicUnavailableError;
      expect(told.message).to.equal(
        meant === undefined
          ? `There is no topic ${given}.`
          : `The org has no topic ${given}. Did you mean ${meant}? rxforce topics lists all that it has.`,
      );
      expect(told).to.include({ code: 'topic-unavailable', topic: given });
    });
  }

  it('names a well-known topic, when the org does not tell its own', async () => {
    const named = async (given: string) => (await withClosestTopic(unavailable(given), silent)) as Error;
    expect((await named('/data/OportunityChangeEvent')).message).to.include(
      'Did you mean /data/OpportunityChangeEvent?',
    );
    expect((await named('/data/Emploee__ChangeEvent')).message).not.to.include('Did you mean');
  });

  it('leaves the error, when the org has the topic, and any other error', async () => {
    const lead = unavailable('/data/LeadChangeEvent');
    const other = new ConfigurationError('another');
    expect([await withClosestTopic(lead, org), await withClosestTopic(other, org)]).to.deep.equal([lead, other]);
  });
});
