import { z } from 'zod';
import { natsServer } from './nats-server.js';
import { milliseconds, secret, text, unprinted, urlWithToken, whole, word } from './values.js';

const batch = z
  .strictObject({
    size: whole(1, 10_000).optional().describe('Most events of a batch. `processing.batch_size` by default.'),
    wait_ms: milliseconds(1).default(1_000).describe('Longest wait after the first event of a batch, in milliseconds.'),
  })
  .optional()
  .describe('Writes events together. Without it, only `postgres` and `sqlite` do.');

const stdout = z.strictObject({ type: z.literal('stdout'), batch });

const file = z.strictObject({
  type: z.literal('file'),
  path: text().describe('The file. Lines of JSON are added to it. Its directory is made, if only that one is missing.'),
  max_bytes: whole(1).default(104_857_600).describe('The length at which the file is renamed and a new one is begun.'),
  keep: whole(1, 1_000).default(5).describe('How many renamed files are kept: `path.1` is the newest.'),
  batch,
});

const webhook = z.strictObject({
  type: z.literal('webhook'),
  url: urlWithToken().describe('Where to POST to.'),
  secret: secret()
    .optional()
    .describe('Signs each request, as Standard Webhooks says: `whsec_` and a key in base64, or any text.'),
  format: word('json', 'cloudevents')
    .default('json')
    .describe('The body: events as `stdout` writes them, or CloudEvents 1.0.'),
  headers: z.record(z.string(), secret()).optional().describe('Headers of each request, such as `authorization`.'),
  timeout_ms: milliseconds(1).default(10_000).describe('Longest wait for an answer, in milliseconds.'),
  batch,
});

const nats = z.strictObject({
  type: z.literal('nats'),
  ...natsServer,
  subject: text()
    .regex(/^[^\s.*>]+(\.[^\s.*>]+)*$/, 'must be a subject without wildcards, such as salesforce.accounts')
    .describe('Where to publish to, such as `salesforce.accounts`. A stream must have it.'),
  stream: text().optional().describe('The stream that must have it. Any stream by default.'),
  format: word('json', 'cloudevents')
    .default('json')
    .describe('The body: an event as `stdout` writes it, or as CloudEvents 1.0 has it.'),
  timeout_ms: milliseconds(1).default(10_000).describe('Longest wait for an answer, in milliseconds.'),
  batch,
});

const sqlite = text().describe('The path of the database file.');
const postgres = secret().describe('The database: `postgres://user:password@host/name`.');

const table = {
  schema: text().optional().describe('The schema of the tables, for PostgreSQL.'),
  columns: word('add', 'ignore', 'fail').default('add').describe('What happens when an object has a new field.'),
  deletes: word('mark', 'delete').default('mark').describe('What happens to the row of a deleted record.'),
  batch,
};

const module = z.strictObject({
  type: z.literal('module'),
  path: text().describe('A module of yours, beside the configuration: `export default (options) => sink`.'),
  options: z.record(z.string(), unprinted()).optional().describe('What the function of the module gets.'),
  batch,
});

const redisStream = z.strictObject({
  type: z.literal('redis-stream'),
  url: secret().describe('The Redis: `redis://user:password@host:6379/0`, or `rediss://` for TLS.'),
  stream: text().describe(
    'The key of the stream. Entries have the fields `id`, `key` (the record), `topic` and `event`.',
  ),
  format: word('json', 'cloudevents')
    .default('json')
    .describe('What is in `event`: an event as `stdout` writes it, or a CloudEvent 1.0.'),
  max_length: whole(1).optional().describe('About how many entries are kept. Without it, none is removed.'),
  timeout_ms: milliseconds(1).default(10_000).describe('Longest wait for an answer, in milliseconds.'),
  batch,
});

/** `sinks.NAME`: where events go. */
export const sinkSettings = z.discriminatedUnion('type', [
  stdout,
  file,
  webhook,
  nats,
  z.strictObject({ type: z.literal('postgres'), url: postgres, ...table }),
  z.strictObject({ type: z.literal('sqlite'), url: sqlite, ...table }),
  module,
  redisStream,
]);

/** The settings of a sink. */
export type SinkSettings = z.output<typeof sinkSettings>;
