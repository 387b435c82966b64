/** Everything the service refuses, by reason. */
export type RefusalReason =
  | 'not-authenticated'
  | 'headers-invalid'
  | 'topic-blank'
  | 'topic-unknown'
  | 'topic-mismatch'
  | 'topic-not-publishable'
  | 'requested-events-invalid'
  | 'replay-id-missing'
  | 'replay-id-invalid'
  | 'schema-id-blank'
  | 'schema-unknown'
  | 'publish-count-invalid'
  | 'publish-topic-blank'
  | 'publish-topic-mismatch'
  | 'publish-idle'
  | 'managed-name-invalid'
  | 'managed-name-unknown'
  | 'managed-id-invalid'
  | 'managed-id-unknown'
  | 'managed-events-invalid'
  | 'managed-request-empty'
  | 'managed-commit-restricted'
  | 'managed-mismatch'
  | 'managed-already-active'
  | 'managed-stopped'
  | 'managed-deleted'
  | 'managed-idle'
  | 'service-unavailable';

/** Why a request is not served, before it becomes an error on the wire. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The message for the client. */
  readonly message: string;
}
