import type { ChangeEvent, PubSubClient } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import { catchError } from 'rxjs';
import type { SinkSettings } from '../config/settings/sinks.js';
import { entityOf, isChannel } from '../config/topic-names.js';
import type { SinkContext } from './sink-context.js';
import type { SqlMirror, SqlMirrorOptions } from '@rxforce/sql';
import type { Sink, SinkEvent } from './sink.js';
import { noSchema } from './source-error.js';

/** The settings of tables. */
export type SqlSettings = Extract<SinkSettings, { type: 'postgres' | 'sqlite' }>;

type MakeMirror = (options: SqlMirrorOptions) => SqlMirror;

/**
 * Keeps a table for each object, by `@rxforce/sql`, which is loaded only now.
 *
 * @throws `ConfigurationError` when the package is missing, or a topic has no records.
 */
export async function sqlSink(
  settings: SqlSettings,
  { client }: SinkContext,
  topics: readonly string[],
): Promise<Sink> {
  const event = topics.find((topic) => topic.startsWith('/event/'));
  if (event !== undefined) {
    throw new ConfigurationError(`A table keeps records, and ${event} has none. Give it another sink.`);
  }
  const sqlMirror = await loadMirror(settings.type);
  const mirrors = new Map<string, SqlMirror>();
  const mirrorOf = (entity: string): SqlMirror => {
    const known = mirrors.get(entity) ?? sqlMirror({ ...optionsOf(settings, entity), client: schemasOf(client) });
    mirrors.set(entity, known);
    return known;
  };
  return {
    needsWholeRecords: true,
    write: async (events) => {
      for (const [entity, ofEntity] of byEntity(events)) await mirrorOf(entity).write(ofEntity);
    },
    check: async () => {
      for (const topic of topics.filter((name) => !isChannel(name))) await mirrorOf(entityOf(topic)).check();
    },
    sweep: (entity, startedAt) => mirrorOf(entity).sweep(entity, startedAt),
    close: async () => {
      await Promise.all([...mirrors.values()].map((mirror) => mirror.close()));
    },
  };
}

async function loadMirror(type: SqlSettings['type']): Promise<MakeMirror> {
  const driver = type === 'postgres' ? 'pg' : 'better-sqlite3@12';
  const missing = `The sink ${type} needs two packages more: npm install @rxforce/sql ${driver}`;
  const { sqlMirror } = await import('@rxforce/sql').catch((cause: unknown) => {
    throw new ConfigurationError(missing, { cause });
  });
  return sqlMirror;
}

function optionsOf({ type, url, schema, columns, deletes }: SqlSettings, entity: string) {
  return {
    ...{ entity, columns, deletes },
    database: type === 'sqlite' && !url.startsWith('sqlite:') ? `sqlite:${url}` : url,
    ...(schema !== undefined && { schema }),
  };
}

/** The schemas of a client. One that cannot be had is no failure of the database. */
function schemasOf(client: PubSubClient): Pick<PubSubClient, 'schema'> {
  const failed = (cause: unknown) => {
    throw noSchema(cause);
  };
  return { schema: (id) => client.schema(id).pipe(catchError(failed)) };
}

/** A batch may have the events of several objects. */
function byEntity(events: readonly SinkEvent[]): ReadonlyMap<string, readonly ChangeEvent[]> {
  const groups = new Map<string, ChangeEvent[]>();
  for (const event of events as readonly ChangeEvent[]) {
    const { entityName } = event.header;
    groups.set(entityName, [...(groups.get(entityName) ?? []), event]);
  }
  return groups;
}
