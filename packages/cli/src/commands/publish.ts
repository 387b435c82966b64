import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { PublishInput, PublishResult, PubSubClient } from '@rxforce/core';
import { ConfigurationError, jsonOf } from '@rxforce/core/model';
import { concatMap, firstValueFrom, from, lastValueFrom, toArray } from 'rxjs';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { withOrg } from '../runtime/with-org.js';

/** The options of `rxforce publish`. */
export interface PublishCommandOptions extends CommonOptions {
  readonly data?: readonly string[];
}

/** Most events of one request. */
const MOST_AT_ONCE = 200;

/** `rxforce publish`: publishes platform events, one for each line of JSON, and prints what became of each. */
export async function publish(
  context: Context,
  topic: string,
  file: string | undefined,
  options: PublishCommandOptions,
): Promise<number> {
  const given = options.data
    ? [fieldsIn(options.data)]
    : await readObjects(streamOf(context, file), file ?? 'standard input');
  return withOrg(context, options, async ({ client }) => {
    const data = options.data ? [await typedFields(client, topic, given[0] ?? {})] : given;
    const events: readonly PublishInput[] = data.map((fields) => ({ data: fields }));
    const chunks = Array.from({ length: Math.ceil(events.length / MOST_AT_ONCE) }, (_, index) =>
      events.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE),
    );
    const results = await lastValueFrom(
      from(chunks).pipe(
        concatMap((chunk) => client.publish(topic, chunk)),
        toArray(),
      ),
    );
    for (const result of results) await context.print(`${JSON.stringify(shown(result))}\n`);
    const failed = results.filter(({ err }) => err).length;
    if (failed > 0) context.note(`${failed} of ${results.length} events were not published.`);
    return failed === 0 ? EXIT.done : EXIT.failed;
  });
}

function shown(result: PublishResult): unknown {
  return result.ok
    ? { ok: true, ...result.val, replayId: String(result.val.replayId) }
    : { ok: false, error: jsonOf(result.val) };
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws `ConfigurationError` when a part is not `name=value`. */
function fieldsIn(parts: readonly string[]): Fields {
  const entries = parts.map((part) => {
    const [, name, value = ''] = /^(\w+)=(.*)$/s.exec(part) ?? [];
    if (name === undefined) throw new ConfigurationError('--data needs name=value, such as --data Order_Number__c=7.');
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

/** On a command line every value is a text. The schema says which of them are numbers or flags. */
async function typedFields(client: PubSubClient, topic: string, fields: Fields): Promise<Fields> {
  const { schemaId = '' } = await firstValueFrom(client.topic(topic));
  const { json } = await firstValueFrom(client.schema(schemaId));
  const { fields: known = [] } = JSON.parse(json) as { readonly fields?: readonly { name: string; type: unknown }[] };
  const isText = (name: string) =>
    JSON.stringify(known.find((field) => field.name === name)?.type ?? '').includes('"string"');
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isText(name) ? value : valueOf(String(value))]),
  );
}

function valueOf(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

function streamOf({ around }: Context, file: string | undefined): Readable {
  return file === undefined || file === '-' ? around.stdin : createReadStream(file);
}

/** @throws rejects with a `ConfigurationError` when a line is no object, or the file cannot be read. */
async function readObjects(stream: Readable, name: string): Promise<readonly Fields[]> {
  const events: Fields[] = [];
  let number = 0;
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== '') events.push(objectIn(line, `${name}:${number}`));
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || code === 'configuration') throw cause;
    throw new ConfigurationError(`${name} cannot be read (${code}).`, { cause });
  }
  if (events.length === 0) {
    throw new ConfigurationError(`${name} has no events: give a line of JSON for each, or --data.`);
  }
  return events;
}

function objectIn(line: string, at: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw new ConfigurationError(`${at}: it is no JSON object, such as {"Order_Number__c": "7"}.`);
}
