import type { ChangeEvent } from '@rxforce/core';
import { ConfigurationError, plainText } from '@rxforce/core/model';
import type { Redis } from 'ioredis';
import { firstValueFrom, fromEvent, timeout } from 'rxjs';
import type { SinkSettings } from '../config/settings/sinks.js';
import { connectionOf } from '../runtime/redis-source.js';
import { cloudEventOf, sourceOf } from './cloud-event.js';
import { eventIdOf } from './event-id.js';
import { jsonEventOf } from './event-json.js';
import { SinkError, type Sink, type SinkEvent } from './sink.js';

/** The settings of a stream of Redis. */
export type RedisStreamSettings = Extract<SinkSettings, { type: 'redis-stream' }>;

/** What a stream takes from around it. */
export interface RedisStreamContext {
  /** The org's URL, which says where events come from. It may log in to know it. */
  readonly source: () => Promise<string>;
}

/**
 * Adds entries to the stream in order, up to the first that Redis refuses: an entry after it could be a later change of
 * the same record. Answers with nothing, or with the number of entries that were added and the error. The first
 * argument is the length of the stream, or empty; then come four for each entry, of which the second is empty where
 * there is no record.
 */
const ADD = `
local trim = ARGV[1]
for at = 2, #ARGV, 4 do
  local call = { 'XADD', KEYS[1] }
  if trim ~= '' then call = { 'XADD', KEYS[1], 'MAXLEN', '~', trim } end
  local entry = { '*', 'id', ARGV[at], 'topic', ARGV[at + 2], 'event', ARGV[at + 3] }
  if ARGV[at + 1] ~= '' then entry = { '*', 'id', ARGV[at], 'key', ARGV[at + 1], unpack(entry, 4) } end
  for _, each in ipairs(entry) do call[#call + 1] = each end
  local added = redis.pcall(unpack(call))
  if type(added) == 'table' and added.err then return { tostring((at - 2) / 4), added.err } end
end
return {}
`;

/** Asks for an id that no entry can have: Redis says so to a user who may add entries, and adds nothing. */
const TRY = "return redis.pcall('XADD', KEYS[1], '0-0', 'id', '').err";
const MAY_ADD = 'must be greater than 0-0';

/**
 * Adds events to a stream of Redis. An entry has the fields `id` (of the event, so that readers can drop what they have
 * seen), `key` (the record; absent where there is none), `topic` and `event`. A batch is sent at once, and added in its
 * order. Where Redis refuses an entry, none after it is added, and these are tried again.
 *
 * @throws rejects with a `ConfigurationError` when the URL is none of Redis, or ioredis is missing.
 */
export async function redisStreamSink(settings: RedisStreamSettings, context: RedisStreamContext): Promise<Sink> {
  const { stream, max_length: most = '' } = settings;
  const connection = connectionOf(settings.url, 'The url of a redis-stream');
  const line = new RedisLine(await loadClient(), connection, settings);
  return {
    write: async (events, { signal }) => {
      const source = await sourceOf(settings, context);
      const entries = events.flatMap((event) => entryOf(event, settings, source));
      const answer = await line.call((redis) => redis.eval(ADD, 1, stream, most, ...entries), signal);
      const [added, error] = answer as readonly string[];
      if (error === undefined) return;
      const failed = events.slice(Number(added)).map(({ id }) => id);
      throw refused(stream, error, failed.length < events.length ? failed : undefined);
    },
    check: async () => {
      await sourceOf(settings, context);
      const type = await line.call((redis) => redis.type(stream));
      if (type !== 'none' && type !== 'stream') throw new SinkError(`The key ${stream} is a ${type}, and no stream.`);
      const answer = await line.call((redis) => redis.eval(TRY, 1, stream));
      if (!String(answer).includes(MAY_ADD)) throw refused(stream, String(answer));
    },
    close: () => line.close(),
  };
}

/**
 * The connection of a sink. A call is sent only once there is a connection, and never again by ioredis itself. One that
 * nobody waits for any more is not sent: it would add its events after later ones, of this process or another one.
 */
class RedisLine {
  private readonly redis: Redis;
  /** Why there is no connection. Calls fail by themselves, after their time, and do not say it. */
  private trouble: Error | undefined;

  constructor(
    IoRedis: typeof Redis,
    connection: ReturnType<typeof connectionOf>,
    private readonly settings: RedisStreamSettings,
  ) {
    const { timeout_ms: ms } = settings;
    this.redis = new IoRedis({
      ...{ ...connection, lazyConnect: true, maxRetriesPerRequest: null },
      ...{ enableOfflineQueue: false, autoResendUnfulfilledCommands: false },
      // A silent server is given up, and looked for anew.
      ...{ connectTimeout: ms, socketTimeout: ms, commandTimeout: ms },
    });
    // As many calls may wait for the connection as events are written at the same time.
    this.redis.setMaxListeners(0);
    this.redis.on('error', (error) => (this.trouble = error)).on('ready', () => (this.trouble = undefined));
  }

  /** @param signal - Aborts when nobody waits for the call any more. */
  async call<T>(make: (redis: Redis) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      await this.ready();
      signal?.throwIfAborted();
      return await make(this.redis);
    } catch (error) {
      throw refused(this.settings.stream, (this.trouble ?? (error as Error)).message);
    }
  }

  /** A server that is away would be waited for, again and again. */
  async close(): Promise<void> {
    if (this.redis.status === 'ready') await this.redis.quit().catch(() => undefined);
    this.redis.disconnect();
  }

  private async ready(): Promise<void> {
    if (this.redis.status === 'wait') this.redis.connect().catch(() => undefined);
    if (this.redis.status === 'ready') return;
    const { timeout_ms: first } = this.settings;
    const none = () => new Error(`there was no connection within ${first} ms`);
    await firstValueFrom(fromEvent(this.redis, 'ready').pipe(timeout({ first }))).catch(() => Promise.reject(none()));
  }
}

async function loadClient(): Promise<typeof Redis> {
  const { Redis: loaded } = await import('ioredis').catch((cause: unknown) => {
    throw new ConfigurationError('The sink redis-stream needs a package more: npm install ioredis', { cause });
  });
  return loaded;
}

/** The arguments of the script for an event. */
function entryOf(event: SinkEvent, { format }: RedisStreamSettings, source: string): readonly string[] {
  const [key = ''] = (event as Partial<ChangeEvent>).header?.recordIds ?? [];
  const value = format === 'cloudevents' ? cloudEventOf(event, source) : jsonEventOf(event);
  return [eventIdOf(event), key, event.topic, JSON.stringify(value)];
}

/**
 * What another attempt does not change. Within a script, versions of Redis name a missing permission in their own ways.
 */
const FINAL = /^(WRONGTYPE|NOPERM|WRONGPASS|NOAUTH|ERR ACL failure in script|ERR The user executing the script can't)/;

/** Of an error of ioredis, only the message: the rest has the events themselves. */
function refused(stream: string, said: string, failed?: readonly string[]): SinkError {
  // The script's own place, which Redis adds to the error, says nothing to anybody.
  const message = said.replace(/[ .]* script: \w+, on @\w+:\d+\.?$/, '');
  const retriable = !FINAL.test(message);
  const text = `Redis did not add to the stream ${stream}: ${plainText(message, 200)}`;
  // What may pass is not about an event: Redis is away, starts, has no room or no master.
  return new SinkError(text, { retriable, outage: retriable, ...(failed && { failed }) });
}
