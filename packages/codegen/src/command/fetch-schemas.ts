import { firstValueFrom } from 'rxjs';
import type { PubSubClient } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import type { TopicSchema } from '../event-type.js';

/**
 * Asks the org for the current schemas of topics.
 *
 * @throws `ConfigurationError` for a channel, which has no schema; otherwise the error of the client's call.
 */
export function fetchSchemas(client: PubSubClient, topics: readonly string[]): Promise<readonly TopicSchema[]> {
  return Promise.all(topics.map((topic) => fetchSchema(client, topic)));
}

async function fetchSchema(client: PubSubClient, topic: string): Promise<TopicSchema> {
  const { schemaId } = await firstValueFrom(client.topic(topic));
  if (schemaId === undefined) {
    throw new ConfigurationError(
      `${topic} is a channel of several objects, whose events have a schema for each. Name its objects instead, such as ` +
        'Account and Contact, and subscribe to it with changes<Account | Contact>().',
      { topic },
    );
  }
  const { json } = await firstValueFrom(client.schema(schemaId));
  return { topic, json };
}
