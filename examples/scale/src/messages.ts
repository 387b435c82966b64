/** What a reader or a worker is started with. */
export interface Job {
  readonly name: string;
  readonly endpoint: string;
  readonly ca: string;
  readonly credentials: { readonly loginUrl: string; readonly clientId: string; readonly clientSecret: string };
  readonly redisPort: number;
  /** The file of the database that the workers write to. */
  readonly database: string;
  readonly partitions: number;
  /** How long a lease outlives its holder, in milliseconds. */
  readonly ttlMs: number;
}

/** What a reader or a worker reports. A reader has no partition. */
export type Message =
  { readonly type: 'acquired' | 'released'; readonly partition: number | undefined } | { readonly type: 'handled' };

/** Reports to the process that has started this one, if that still runs. */
export function tell(message: Message): void {
  process.send?.(message, undefined, undefined, () => undefined);
}
