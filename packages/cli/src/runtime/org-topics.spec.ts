import { ServiceError } from '@rxforce/core';
import { expect } from 'chai';
import { orgTopics } from './org-topics.js';

interface Answers {
  readonly sobjects?: unknown;
  readonly channels?: unknown;
}

/** An org that answers the two calls, and the paths that it was asked for. */
function org({ sobjects = {}, channels = {} }: Answers) {
  const paths: string[] = [];
  const fetch = (path: string) => {
    paths.push(path);
    return Promise.resolve(new Response(JSON.stringify(path.endsWith('/sobjects') ? sobjects : channels)));
  };
  return { paths, fetch };
}

const objects = (...names: readonly string[]) => ({ sobjects: names.map((name) => ({ name, label: `The ${name}` })) });
const ALL = { topic: '/data/ChangeEvents', label: 'All objects that are selected', kind: 'channel' };

describe('The topics of an org', () => {
  it('are the channel of all objects alone, where the org names nothing', async () => {
    expect(await orgTopics(org({}))).to.deep.equal([ALL]);
    expect(await orgTopics(org({ sobjects: { sobjects: [] }, channels: { records: [] } }))).to.deep.equal([ALL]);
  });

  it('are the change events of objects and the platform events, with their labels, and no other objects', async () => {
    const sobjects = objects('Account', 'AccountChangeEvent', 'Seat__ChangeEvent', 'Order__e', 'Seat__c', 'Order__emt');
    expect(await orgTopics(org({ sobjects }))).to.deep.equal([
      ALL,
      { topic: '/data/AccountChangeEvent', label: 'The AccountChangeEvent', kind: 'changes' },
      { topic: '/data/Seat__ChangeEvent', label: 'The Seat__ChangeEvent', kind: 'changes' },
      { topic: '/event/Order__e', label: 'The Order__e', kind: 'event' },
    ]);
  });

  it('have an empty label, where the org gives none', async () => {
    const topics = await orgTopics(
      org({ sobjects: { sobjects: [{ name: 'Order__e' }] }, channels: { records: [{ DeveloperName: 'Sales' }] } }),
    );
    expect(topics.slice(1).map(({ label }) => label)).to.deep.equal(['', '']);
  });

  const channels: readonly (readonly [name: string, type: string | undefined, topic: string])[] = [
    ['Sales', 'data', '/data/Sales__chn'],
    ['Sales', undefined, '/data/Sales__chn'],
    ['Sales', 'event', '/event/Sales__chn'],
    ['Sales__chn', 'data', '/data/Sales__chn'],
    ['ChangeEvents', 'data', '/data/ChangeEvents'],
  ];
  for (const [name, type, topic] of channels) {
    it(`have the channel ${name} of the type ${type ?? 'that is missing'} as ${topic}`, async () => {
      const record = { DeveloperName: name, MasterLabel: 'Ours', ...(type !== undefined && { ChannelType: type }) };
      const topics = await orgTopics(org({ channels: { records: [record] } }));
      expect(topics.slice(1)).to.deep.equal([{ topic, label: 'Ours', kind: 'channel' }]);
    });
  }

  it('take two calls: one for the objects, and a query of the Tooling API for the channels', async () => {
    const asked = org({});
    await orgTopics(asked);
    expect(asked.paths.map((path) => decodeURIComponent(path).replace(/v\d+\.0/, 'v'))).to.deep.equal([
      '/services/data/v/sobjects',
      '/services/data/v/tooling/query?q=SELECT DeveloperName, MasterLabel, ChannelType FROM PlatformEventChannel',
    ]);
  });

  for (const refused of ['/sobjects', '/tooling/']) {
    it(`are not given in part, where the org refuses the call of ${refused}`, async () => {
      const { fetch } = org(objects('Order__e'));
      const error = new ServiceError('The org refused it.');
      const client = { fetch: (path: string) => (path.includes(refused) ? Promise.reject(error) : fetch(path)) };
      expect(await orgTopics(client).catch((thrown: unknown) => thrown)).to.equal(error);
    });
  }
});
