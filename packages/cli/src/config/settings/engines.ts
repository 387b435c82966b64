import { z } from 'zod';
import { natsServer } from './nats-server.js';
import { flag, milliseconds, secret, shortName, text, whole } from './values.js';

/** The largest bound that JetStream takes. */
const MOST_ENTRIES = 2_147_483_647;

/** What each log has: the events in partitions, between readers and workers. */
const log = {
  partitions: whole(1, 1_024)
    .default(32)
    .describe('How many partitions it has: more than there will ever be workers. It is fixed for good.'),
  retention_hours: whole(1, 8_760).default(168).describe('How long events are kept, in hours.'),
};

const aboutLog =
  'For many workers: `rxforce run --role reader` writes events into a log, and `--role worker` works on them. It needs `lease: true`.';

/** What each section has. */
const engine = {
  lease: flag().default(false).describe('Whether only one of several processes reads a topic at a time.'),
  lease_ttl_ms: milliseconds(1_000)
    .default(10_000)
    .describe('How long a process that died holds its topics or partitions, in milliseconds.'),
};

/** `redis`: positions, dead letters and leases in Redis, in place of files. */
export const redisSettings = z.strictObject({
  url: secret().describe('`redis://user:password@host:6379/0`, or `rediss://` for TLS.'),
  prefix: text().optional().describe('What the keys begin with.'),
  ...engine,
  log: z
    .strictObject({
      name: shortName().default('rxforce').describe('The name of the log.'),
      ...log,
      max_entries: whole(1)
        .default(100_000)
        .describe('Most events of one partition of a topic. The oldest are dropped, read or not.'),
    })
    .optional()
    .describe(aboutLog),
});

/** A part of the names of streams and buckets. */
const streamName = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be a name of letters, digits, "-" and "_", with 100 characters at most');

/** `nats`: positions and leases on NATS JetStream, in place of files. */
export const natsSettings = z.strictObject({
  ...natsServer,
  prefix: streamName().optional().describe('What the names of streams and buckets begin with.'),
  domain: streamName().optional().describe('The domain of JetStream, where it is behind a leaf node.'),
  replicas: whole(1, 5)
    .optional()
    .describe(
      'On how many servers of a cluster all that is made is kept: 3 in production, 1 by default. It changes a log that is there.',
    ),
  ...engine,
  lease_ttl_ms: engine.lease_ttl_ms.describe(
    'How long a process that died holds its topics or partitions, in milliseconds. The same for all processes.',
  ),
  log: z
    .strictObject({
      name: streamName().default('rxforce').describe('The name of the log.'),
      ...log,
      max_entries: whole(1, MOST_ENTRIES)
        .optional()
        .describe('Most events of one partition of a topic. The oldest are dropped, read or not. No bound by default.'),
      max_bytes: whole(1)
        .optional()
        .describe('Most bytes of one topic. The oldest events are dropped, read or not. Some accounts demand it.'),
    })
    .optional()
    .describe(aboutLog),
});

/** The settings of `redis`. */
export type RedisSettings = z.output<typeof redisSettings>;
/** The settings of `nats`. */
export type NatsSettings = z.output<typeof natsSettings>;
