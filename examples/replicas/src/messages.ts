/** What a replica is started with. */
export interface Job {
  readonly endpoint: string;
  readonly ca: string;
  readonly credentials: { readonly loginUrl: string; readonly clientId: string; readonly clientSecret: string };
  readonly redisPort: number;
}

/** What a replica tells. */
export type Message =
  { readonly type: 'standby' | 'acquired' | 'lost' } | { readonly type: 'handled'; readonly id: string };
