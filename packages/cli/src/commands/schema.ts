import { ConfigurationError, topicOf } from '@rxforce/core/model';
import { firstValueFrom } from 'rxjs';
import { TopicUnavailableError, type PubSubClient } from '@rxforce/core';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { table } from '../command/table.js';
import { withOrg } from '../runtime/with-org.js';

/** `rxforce schema`: the fields of the events of a topic, or of a schema. */
export async function schema(context: Context, given: string, options: CommonOptions): Promise<number> {
  return withOrg(context, options, async ({ client }) => {
    const { id, json } = await firstValueFrom(client.schema(await schemaIdOf(client, given)));
    if (options.json === true) {
      await context.print(`${JSON.stringify({ id, schema: JSON.parse(json) as unknown }, null, 2)}\n`);
      return EXIT.done;
    }
    const { name, fields = [] } = JSON.parse(json) as AvroRecord;
    const rows = fields.map((field) => [field.name, typeOf(field.type), (field.doc ?? '').split(':')[1] ?? '']);
    await context.print(`${name}, schema ${id}\n\n${table(['FIELD', 'TYPE', 'KIND'], rows)}`);
    return EXIT.done;
  });
}

/** A schema's id has 22 characters of base64, and so may the name of a topic have, which is tried first. */
async function schemaIdOf(client: PubSubClient, given: string): Promise<string> {
  if (/^[\w-]{22}$/.test(given) && !(await isTopic(client, given))) return given;
  const topic = topicOf(given);
  const { schemaId } = await firstValueFrom(client.topic(topic));
  if (schemaId !== undefined) return schemaId;
  throw new ConfigurationError(
    `${topic} is a channel, whose events have a schema for each object. Name one of its objects.`,
    {
      topic,
    },
  );
}

async function isTopic(client: PubSubClient, given: string): Promise<boolean> {
  try {
    await firstValueFrom(client.topic(topicOf(given)));
    return true;
  } catch (error) {
    if (ConfigurationError.is(error) || TopicUnavailableError.is(error)) return false;
    throw error;
  }
}

interface AvroRecord {
  readonly name: string;
  readonly fields?: readonly { readonly name: string; readonly type: unknown; readonly doc?: string }[];
}

function typeOf(type: unknown): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    return type
      .filter((each) => each !== 'null')
      .map(typeOf)
      .join(' or ');
  }
  const {
    type: kind,
    name,
    items,
  } = Object(type) as { readonly type?: unknown; readonly name?: string; readonly items?: unknown };
  return kind === 'array' ? `list of ${typeOf(items)}` : (name ?? typeOf(kind ?? 'unknown'));
}
