import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { table } from '../command/table.js';
import { withOrg } from '../runtime/with-org.js';
import type { PubSubClient } from '@rxforce/core';

/** A topic that can be subscribed to. */
interface Topic {
  readonly topic: string;
  readonly label: string;
  readonly kind: 'changes' | 'event' | 'channel';
}

/** The channel that every org has, and that no query lists. */
const ALL_CHANGES: Topic = { topic: '/data/ChangeEvents', label: 'All objects that are selected', kind: 'channel' };
const API = '/services/data/v64.0';

/** `rxforce topics`: what the org has events of. */
export async function topics(context: Context, pattern: string | undefined, options: CommonOptions): Promise<number> {
  return withOrg(context, options, async ({ client }) => {
    const all = [ALL_CHANGES, ...(await eventTopics(client)), ...(await channels(client))];
    const wanted = (pattern ?? '').toLowerCase();
    const found = all
      .filter(({ topic, label }) => `${topic} ${label}`.toLowerCase().includes(wanted))
      .sort((a, b) => a.topic.localeCompare(b.topic));
    await context.print(
      options.json === true
        ? `${JSON.stringify(found, null, 2)}\n`
        : table(
            ['TOPIC', 'KIND', 'LABEL'],
            found.map(({ topic, kind, label }) => [topic, kind, label]),
          ),
    );
    return EXIT.done;
  });
}

async function eventTopics(client: PubSubClient): Promise<readonly Topic[]> {
  const response = await client.fetch(`${API}/sobjects`);
  const { sobjects = [] } = (await response.json()) as {
    readonly sobjects?: readonly { name: string; label?: string }[];
  };
  return sobjects.flatMap(({ name, label = '' }): readonly Topic[] => {
    if (name.endsWith('ChangeEvent')) return [{ topic: `/data/${name}`, label, kind: 'changes' }];
    return name.endsWith('__e') ? [{ topic: `/event/${name}`, label, kind: 'event' }] : [];
  });
}

async function channels(client: PubSubClient): Promise<readonly Topic[]> {
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
