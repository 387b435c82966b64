import type { PubSubClient } from '@rxforce/core';

/** A topic that can be subscribed to. */
export interface OrgTopic {
  readonly topic: string;
  readonly label: string;
  readonly kind: 'changes' | 'event' | 'channel';
}

/** The channel that every org has, and that no query lists. */
const ALL_CHANGES: OrgTopic = { topic: '/data/ChangeEvents', label: 'All objects that are selected', kind: 'channel' };
const API = '/services/data/v64.0';

/** What an org has events of. */
export async function orgTopics(client: Pick<PubSubClient, 'fetch'>): Promise<readonly OrgTopic[]> {
  return [ALL_CHANGES, ...(await eventTopics(client)), ...(await channels(client))];
}

async function eventTopics(client: Pick<PubSubClient, 'fetch'>): Promise<readonly OrgTopic[]> {
  const response = await client.fetch(`${API}/sobjects`);
  const { sobjects = [] } = (await response.json()) as {
    readonly sobjects?: readonly { name: string; label?: string }[];
  };
  return sobjects.flatMap(({ name, label = '' }): readonly OrgTopic[] => {
    if (name.endsWith('ChangeEvent')) return [{ topic: `/data/${name}`, label, kind: 'changes' }];
    return name.endsWith('__e') ? [{ topic: `/event/${name}`, label, kind: 'event' }] : [];
  });
}

async function channels(client: Pick<PubSubClient, 'fetch'>): Promise<readonly OrgTopic[]> {
  const query = encodeURIComponent('SELECT DeveloperName, MasterLabel, ChannelType FROM PlatformEventChannel');
  const response = await client.fetch(`${API}/tooling/query?q=${query}`);
  const { records = [] } = (await response.json()) as {
    readonly records?: readonly { DeveloperName: string; MasterLabel?: string; ChannelType?: string }[];
  };
  return records.map(({ DeveloperName: name, MasterLabel: label = '', ChannelType: type }) => ({
    topic: `/${type === 'event' ? 'event' : 'data'}/${name === 'ChangeEvents' || name.endsWith('__chn') ? name : `${name}__chn`}`,
    label,
    kind: 'channel',
  }));
}
