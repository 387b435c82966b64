/** Everything the service refuses, by reason. */
export type RefusalReason =
  | 'not-authenticated'
  | 'topic-unknown'
  | 'topic-mismatch'
  | 'topic-not-publishable'
  | 'requested-events-invalid'
  | 'replay-id-missing'
  | 'replay-id-invalid'
  | 'schema-id-blank'
  | 'schema-unknown'
  | 'publish-count-invalid'
  | 'publish-too-large'
  | 'service-unavailable';

/** Why a request is not served, before it becomes an error on the wire. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** What the client is told. */
  readonly message: string;
}
