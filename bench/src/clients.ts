/** The clients by name, each a module in `clients/` that is run in a process of its own. */
export const CLIENTS = {
  rxforce: 'rxforce',
  'rxforce-handle': 'rxforce, in handle()',
  'rxforce-pipeline': 'rxforce, filters, batches, retries',
  'rxforce-file-store': 'rxforce, position in a file',
  'rxforce-file-store-wide': 'the same, a window of 20,000',
  'rxforce-memory-store': 'rxforce, position in memory',
  'rxforce-redis-store': 'rxforce, position on Redis',
  other: 'salesforce-pubsub-api-client',
  'hand-written': 'hand-written loop',
  'hand-written-unsafe': 'the same, no 64-bit numbers',
  'no-decoding': 'no decoding (limit of the server)',
} as const;

/** The name of one. */
export type ClientName = keyof typeof CLIENTS;

/** All names, in the order in which they run and are shown. */
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];
