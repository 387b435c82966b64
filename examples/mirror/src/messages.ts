/** What the mirroring process is told. */
export interface Job {
  readonly endpoint: string;
  readonly ca: string;
  readonly credentials: { readonly loginUrl: string; readonly clientId: string; readonly clientSecret: string };
  /** The URL of the database. */
  readonly database: string;
}

/** What it tells. */
export type Message =
  | { readonly type: 'reading'; readonly rows: number; readonly of: number | undefined }
  | { readonly type: 'read'; readonly rows: number }
  | { readonly type: 'written'; readonly events: number };
