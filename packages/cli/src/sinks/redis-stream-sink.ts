import type { ChangeEvent } from '@rxforce/core';
import { ConfigurationError, plainText } from '@rxforce/core/model';
import type { Redis } from 'ioredis';
import type { SinkSettings } from '../config/settings/sinks.js';
import { connectionOf } from '../runtime/redis-source.js';
import { cloudEventOf } from './cloud-event.js';
import { eventIdOf } from './event-id.js';
import { jsonEventOf } from './event-json.js';
import { SinkError, type Sink, type SinkEvent } from './sink.js';

/** The settings of a stream of Redis. */
export type RedisStreamSettings = Extract<SinkSettings, { type: 'redis-stream' }>;

/** What a stream takes from around it. */
export interface RedisStreamContext {
  /** The org's URL, which says where events come from. */
  readonly source: () => string;
}

/**
 * Adds events to a stream of Redis. An entry has the fields `id` (of the event, so that readers can drop what they have
 * seen), `key` (the record; absent where there is none), `topic` and `event`. A batch is sent at once, and where Redis
 * refuses a part of it, only that part is tried again.
 *
 * @throws rejects with a `ConfigurationError` when the URL is none of Redis, or ioredis is missing.
 */
export async function redisStreamSink(settings: RedisStreamSettings, { source }: RedisStreamContext): Promise<Sink> {
  const { stream, timeout_ms: commandTimeout } = settings;
  const connection = connectionOf(settings.url, 'The url of a redis-stream');
  const IoRedis = await loadClient();
  const redis = new IoRedis({ ...connection, lazyConnect: true, commandTimeout, maxRetriesPerRequest: null });
  // Each command that waits fails by itself, after its time, and does not say why there is no connection.
  let trouble: Error | undefined;
  redis.on('error', (error) => (trouble = error)).on('ready', () => (trouble = undefined));
  return {
    write: async (events) => {
      const answers = await addAll(
        redis,
        events.map((event) => argumentsOf(event, settings, source)),
        settings,
      );
      const failures = answers.flatMap((error, index) => (error ? [{ error, id: events[index]?.id ?? '' }] : []));
      const [first] = failures;
      if (first) {
        throw refused(stream, first.error, failures.length < events.length ? failures.map(({ id }) => id) : undefined);
      }
    },
    check: async () => {
      const type = await redis.type(stream).catch((error: unknown) => {
        throw refused(stream, trouble ?? error);
      });
      if (type !== 'none' && type !== 'stream') throw new SinkError(`The key ${stream} is a ${type}, and no stream.`);
    },
    // A server that is away would be waited for, again and again.
    close: async () => {
      if (redis.status === 'ready') await redis.quit().catch(() => undefined);
      redis.disconnect();
    },
  };
}

async function loadClient(): Promise<typeof Redis> {
  const { Redis: loaded } = await import('ioredis').catch((cause: unknown) => {
    throw new ConfigurationError('The sink redis-stream needs a package more: npm install ioredis', { cause });
  });
  return loaded;
}

/** The error of each entry, or `null`. */
async function addAll(
  redis: Redis,
  entries: readonly (readonly string[])[],
  { stream, max_length: most }: RedisStreamSettings,
): Promise<readonly (Error | null)[]> {
  const trim = most === undefined ? [] : ['MAXLEN', '~', String(most)];
  const pipeline = redis.pipeline(entries.map((entry) => ['xadd', stream, ...trim, '*', ...entry]));
  try {
    return ((await pipeline.exec()) ?? []).map(([error]) => error);
  } catch (error) {
    throw refused(stream, error);
  }
}

function argumentsOf(event: SinkEvent, { format }: RedisStreamSettings, source: () => string): readonly string[] {
  const { topic } = event;
  const key = (event as Partial<ChangeEvent>).header?.recordIds[0];
  const value = format === 'cloudevents' ? cloudEventOf(event, source()) : jsonEventOf(event);
  return [
    'id',
    eventIdOf(event),
    ...(key === undefined ? [] : ['key', key]),
    'topic',
    topic,
    'event',
    JSON.stringify(value),
  ];
}

/** Of an error of ioredis, only the message: the rest has the events themselves. */
function refused(stream: string, thrown: unknown, failed?: readonly string[]): SinkError {
  const { message } = thrown as Error;
  const retriable = !/^(WRONGTYPE|NOPERM|WRONGPASS|NOAUTH) /.test(message);
  const text = `Redis did not add to the stream ${stream}: ${plainText(message, 200)}`;
  return new SinkError(text, { retriable, ...(failed && { failed }) });
}
